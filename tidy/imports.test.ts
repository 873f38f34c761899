import { describe, it } from "node:test";
import { importsOf, listProductSources, readCode, reportFindings } from "./repository.ts";
import { packageEdges, pureFolder, singlePermissions, worldFolders } from "./rooms.ts";

interface Place {
  readonly path: string;
  readonly packageName: string;
  /** First folder below `src`, or "" at its top. */
  readonly folder: string;
}

const places: Place[] = listProductSources().map((path) => {
  const [, packageName = "", , ...rest] = path.split("/");
  return { path, packageName, folder: rest.length > 1 ? (rest[0] ?? "") : "" };
});

const programs = new Set(["keeper", "queen", "hive", "worker"]);

describe("imports", () => {
  it("follow the edges between packages", () => {
    const findings = places.flatMap(({ path, packageName }) =>
      importsOf(path).flatMap((name) => {
        const other = /^@rbee\/([a-z]+)/.exec(name)?.[1];
        if (other === undefined || packageEdges[packageName]?.includes(other) === true) return [];
        return [`${path}: ${packageName} does not import ${other}; see docs/architecture.md`];
      }),
    );
    reportFindings(findings);
  });

  it("never leave a package by a relative path", () => {
    const findings = places.flatMap(({ path }) => {
      const depth = path.split("/").length - 4;
      return importsOf(path)
        .filter((name) => name.startsWith("../".repeat(depth + 1)))
        .map((name) => `${path}: ${name} leaves the package; import @rbee/... instead`);
    });
    reportFindings(findings);
  });

  it("keep domain/ pure", () => {
    const findings = places
      .filter(({ folder, packageName }) => folder === pureFolder && programs.has(packageName))
      .flatMap(({ path }) =>
        importsOf(path)
          .filter(
            (name) =>
              !/^(?:\.\/[a-z-]+\.ts|@rbee\/contract|\.\.\/(?:ports|engine)\.ts)$/.test(name),
          )
          .map((name) => `${path}: domain/ decides and does not import ${name}`),
      );
    reportFindings(findings);
  });

  it("keep clocks, chance and the environment out of domain/", () => {
    const impure =
      /\b(?:Date\.now|new Date\(\)|performance\.now|Math\.random|process\.|setTimeout|setInterval|randomUUID)\b/;
    const findings = places
      .filter(({ folder, packageName }) => folder === pureFolder && programs.has(packageName))
      .flatMap(({ path }) =>
        impure.test(readCode(path)) ? [`${path}: take time and chance as arguments`] : [],
      );
    reportFindings(findings);
  });

  it("keep http/ and the rooms of the world apart", () => {
    const findings = places
      .filter(({ packageName }) => programs.has(packageName))
      .flatMap(({ path, folder }) => {
        const forbidden =
          folder === "http"
            ? worldFolders
            : worldFolders.includes(folder)
              ? ["http", ...worldFolders.filter((other) => other !== folder)]
              : [];
        return importsOf(path)
          .filter((name) => forbidden.some((other) => name.startsWith(`../${other}/`)))
          .map((name) => `${path}: ${folder}/ does not import ${name}; use a port`);
      });
    reportFindings(findings);
  });

  it("give single files their permissions", () => {
    const findings = places.flatMap(({ path }) =>
      singlePermissions.flatMap(({ module, files, reason }) => {
        const isUsed = importsOf(path).some((name) => module.test(name));
        return isUsed && !files.test(path) ? [`${path}: imports ${module.source}; ${reason}`] : [];
      }),
    );
    reportFindings(findings);
  });

  it("end the process in main.ts and in the daemon's run file only", () => {
    const allowed = /\/main\.ts$|^packages\/daemon\/src\/run-daemon\.ts$/;
    const findings = places
      .filter(
        ({ path }) => !allowed.test(path) && /\bprocess\.exit(?:Code)?\b/.test(readCode(path)),
      )
      .map(({ path }) => `${path}: returns or throws; it does not end the process`);
    reportFindings(findings);
  });

  it("read the environment where settings are loaded only", () => {
    // llama.cpp is told by the environment alone which GPU it may see.
    const allowed = /\/(?:main|open-[a-z-]+|llama-engine)\.ts$/;
    const findings = places
      .filter(({ path }) => !allowed.test(path) && /\bprocess\.env\b/.test(readCode(path)))
      .map(({ path }) => `${path}: takes what it needs as an argument, not from the environment`);
    reportFindings(findings);
  });
});
