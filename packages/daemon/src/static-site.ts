import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { RbeeError } from "@rbee/contract";
import type { Context } from "hono";
import { z } from "zod";
import type { App } from "./create-app.ts";

const SiteList = z.object({
  files: z.array(
    z.object({
      path: z.string(),
      type: z.string(),
      bytes: z.int(),
      /** Its name tells its content, so that a browser may keep it for ever. */
      immutable: z.boolean(),
    }),
  ),
});
type SiteFile = z.infer<typeof SiteList>["files"][number];

const pageFile = "index.html";
const nonceMark = "%NONCE%";
const yearSeconds = 31_536_000;

/**
 * Serves a built page to browsers: the files that `files.json` of the folder lists, compressed
 * ahead of time as `.br` and `.gz` beside them, and the page itself for every address of one word
 * that a browser asks for as a page. Call it after the routes, which go first. Without the list
 * nothing is served.
 */
export function mountStaticSite(app: App, folder: string): void {
  const files = readList(folder);
  if (files === undefined) return;
  const byPath = new Map(files.map((file) => [file.path, file]));
  const page = readFileSync(join(folder, pageFile), "utf8");
  app.get("/assets/:name", async (context, next) => {
    const file = byPath.get(`assets/${context.req.param("name")}`);
    if (file === undefined) return await next();
    return await answerFile(context, { folder, file });
  });
  app.all("/assets/:name", async (context, next) => {
    if (!byPath.has(`assets/${context.req.param("name")}`)) return await next();
    return refuseMethod(context);
  });
  app.get("/:page{[a-z-]*}", async (context, next) => {
    const wantsPage = context.req.header("accept")?.includes("text/html") === true;
    return wantsPage ? answerPage(context, page) : await next();
  });
}

// A file is there to be read; the pages' addresses belong to whichever route takes them.
function refuseMethod(context: Context): never {
  const { method } = context.req;
  context.header("allow", "GET, HEAD");
  throw new RbeeError("METHOD_NOT_ALLOWED", { method, allowed: ["GET", "HEAD"] });
}

function readList(folder: string): readonly SiteFile[] | undefined {
  try {
    return SiteList.parse(JSON.parse(readFileSync(join(folder, "files.json"), "utf8"))).files;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

// Styles that the page makes while it runs carry a number that is another one for each copy.
function answerPage(context: Context, page: string): Response {
  const nonce = randomBytes(16).toString("base64url");
  return context.body(page.replaceAll(nonceMark, nonce), 200, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": contentSecurityPolicy(nonce),
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
  });
}

function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

interface FileAnswer {
  readonly folder: string;
  readonly file: SiteFile;
}

async function answerFile(context: Context, { folder, file }: FileAnswer): Promise<Response> {
  const coding = chooseCoding(context.req.header("accept-encoding") ?? "");
  const content = await readFile(join(folder, `${file.path}${coding?.extension ?? ""}`));
  return context.body(content, 200, {
    "content-type": file.type,
    "cache-control": file.immutable ? `public, max-age=${yearSeconds}, immutable` : "no-cache",
    vary: "accept-encoding",
    "x-content-type-options": "nosniff",
    ...(coding === undefined ? {} : { "content-encoding": coding.name }),
  });
}

const codings = [
  { name: "br", extension: ".br" },
  { name: "gzip", extension: ".gz" },
] as const;

function chooseCoding(accepted: string): (typeof codings)[number] | undefined {
  const names = accepted.toLowerCase().split(",");
  return codings.find(({ name }) => names.some((part) => acceptsCoding(part, name)));
}

function acceptsCoding(part: string, name: string): boolean {
  const [coding = "", ...parameters] = part.split(";").map((word) => word.trim());
  return coding === name && !parameters.some((parameter) => /^q\s*=\s*0(?:\.0*)?$/.test(parameter));
}
