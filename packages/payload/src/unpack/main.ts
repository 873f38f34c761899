// Runs on a node, by the Node that was sent there: reads a request and files from stdin, puts a
// version of rbee into use, and tells on stdout how it goes.
import { describeFailure, UnpackFailure } from "./unpack-failure.ts";
import { unpackMark } from "./unpack-protocol.ts";
import type { UnpackEvent, UnpackRequest } from "./unpack-protocol.ts";
import { unpackVersion } from "./unpack-version.ts";

// The empty line ends whatever a login shell printed before.
const tell = (event: UnpackEvent): void =>
  void process.stdout.write(`\n${unpackMark}${JSON.stringify(event)}\n`);

try {
  const { request, body } = await readRequest(process.stdin);
  await unpackVersion({ request, body, tell });
} catch (error) {
  tell(describeFailure(error, "unpacking"));
  process.exitCode = 1;
}
// A control node that says no more is not waited for.
process.stdin.destroy();

async function readRequest(input: AsyncIterable<Buffer>) {
  const chunks = input[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  for (;;) {
    const end = head.indexOf(0x0a);
    if (end >= 0) {
      const request = JSON.parse(head.toString("utf8", 0, end)) as UnpackRequest;
      return { request, body: joined(head.subarray(end + 1), chunks) };
    }
    const next = await chunks.next();
    if (next.done === true) {
      throw new UnpackFailure({ kind: "cut", step: "unpacking", reason: "no request came" });
    }
    head = Buffer.concat([head, next.value]);
  }
}

async function* joined(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
    yield next.value;
  }
}
