import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { eventually, runProgram } from "@rbee/testkit";
import type { Bench } from "../section.ts";

export interface NginxInput {
  readonly bench: Bench;
  /** A folder of its own for all that it writes. */
  readonly folder: string;
  readonly upstreamUrl: string;
}

const limitMs = 1_800_000;

/** Debian's nginx as a reverse proxy for event streams, tuned for them, with one process to work. */
export async function startNginx({ bench, folder, upstreamUrl }: NginxInput) {
  mkdirSync(folder, { recursive: true });
  const port = await takePort();
  const configuration = join(folder, "nginx.conf");
  writeFileSync(configuration, renderConfiguration({ folder, port, upstreamUrl }));
  const nginx = await runProgram({
    command: ["nginx", "-p", folder, "-c", configuration, "-e", join(folder, "error.log")],
    environment: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    directory: folder,
    limitMs,
  });
  bench.onEnd(async () => {
    nginx.signal("SIGTERM");
    await nginx.ended;
  });
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => (await fetch(`${url}/v1/health`)).ok, { what: "nginx" });
  return { url, pid: onlyChild(nginx.pid) };
}

interface Configuration {
  readonly folder: string;
  readonly port: number;
  readonly upstreamUrl: string;
}

function renderConfiguration({ folder, port, upstreamUrl }: Configuration): string {
  const { host } = new URL(upstreamUrl);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `
daemon off;
user root;
worker_processes 1;
worker_rlimit_nofile 20000;
pid ${join(folder, "nginx.pid")};
events { worker_connections 8192; }
http {
  access_log off;
  tcp_nodelay on;
  ${temporary.map((name) => `${name}_temp_path ${join(folder, name)};`).join("\n  ")}
  upstream worker { server ${host}; keepalive 2048; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://worker;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_request_buffering off;
      proxy_read_timeout 600s;
    }
  }
}
`;
}

// The first process only watches over the one that works.
function onlyChild(pid: number): number {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  return Number(child);
}

async function takePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
