import type { SshTarget } from "../node-ports.ts";
import { createSsh } from "./create-ssh.ts";
import type { SshOptions } from "./create-lines.ts";

// A process that has a connection, a command on it that never ends, and a forwarded port. It is
// there to be killed.
const [options, target] = process.argv.slice(2).map((text) => JSON.parse(text) as object);
const ssh = createSsh(options as SshOptions);
const { signal } = new AbortController();
const place = target as SshTarget;
await ssh.connect(place, { story: () => {}, signal, acceptHostKey: "new" });
await ssh.start(place, ["tail", "-f", "/dev/null"], { signal });
await ssh.forward(place, 9, signal);
process.stdout.write("open\n");
