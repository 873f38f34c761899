import type { RbeeWorld } from "../world.ts";

/** A program on mac that notes its name and words in /tmp/called, then goes on with `line`. */
export async function putProgram(world: RbeeWorld, path: string, line: string): Promise<void> {
  const text = `#!/bin/sh\necho "$0 $*" >> /tmp/called\n${line}\n`;
  const folder = path.slice(0, path.lastIndexOf("/"));
  const words = `mkdir -p ${folder} && cat > ${path} && chmod 755 ${path}`;
  await world.host("mac").shell(words, { user: "root", stdin: text });
}
