// A daemon that does nothing and answers `200 {}` to everything.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const config = readFileSync(`${process.env["HOME"]}/.config/rbee/config.toml`, "utf8");
const [, queenPort] = /\[queen\][^[]*?port = (\d+)/.exec(config) ?? [];
const [, hivePort] = /\[hive\][^[]*?port = (\d+)/.exec(config) ?? [];
const named = process.argv[process.argv.indexOf("--port") + 1];
const ports = process.argv.includes("--port") ? [named] : [queenPort, hivePort];

for (const port of ports) {
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "application/json");
    response.end("{}");
  });
  server.on("error", () => {});
  server.listen(Number(port), "127.0.0.1");
}
process.on("SIGTERM", () => process.exit(0));
