// Sends one attempt of a fuzz run, and reads what a hurried client would of the answer.
import { request as httpRequest } from "node:http";

export interface FuzzTarget {
  readonly port: number;
  /** As it is now; undefined while nobody needs one. */
  readonly key: () => string | undefined;
}

export interface Attempt {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly contentType: string;
  readonly body: string | Buffer;
}

export interface Answer {
  /** `cut`: whoever answered closed before its head. `nobody`: nothing listens there. */
  readonly status: number | "cut" | "nobody";
  readonly text: string;
}

const answerLimitMs = 30_000;
const readMaxBytes = 65_536;
const streamReadMs = 200;

/** Reads an answer to its end, a stream for a moment: long ones are left. Throws on silence. */
export function sendFuzz(target: FuzzTarget, attempt: Attempt): Promise<Answer> {
  const { method, path, contentType, body } = attempt;
  return new Promise((resolve, reject) => {
    const key = target.key();
    const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` };
    const headers = { "content-type": contentType, ...authorization };
    const options = { host: "127.0.0.1", port: target.port, method, path, headers, agent: false };
    const sent = httpRequest(options, (response) => {
      const status = response.statusCode ?? 0;
      const chunks: Buffer[] = [];
      let bytes = 0;
      const leave = () => {
        clearTimeout(limit);
        resolve({ status, text: Buffer.concat(chunks).toString() });
        sent.destroy();
      };
      const isStream = response.headers["content-type"]?.includes("json") !== true;
      if (isStream) setTimeout(leave, streamReadMs);
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        if ((bytes += chunk.length) > readMaxBytes) leave();
      });
      response.on("end", leave).on("error", leave);
    });
    const limit = setTimeout(() => {
      reject(new Error("no answer"));
      sent.destroy();
    }, answerLimitMs);
    sent.on("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(limit);
      if (error.code === "ECONNREFUSED") resolve({ status: "nobody", text: "" });
      // A server that has read enough may close on whoever still writes.
      else if (error.code === "EPIPE" || error.code === "ECONNRESET")
        resolve({ status: "cut", text: "" });
      else reject(error);
    });
    sent.end(method === "GET" ? undefined : body);
  });
}
