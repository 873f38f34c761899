import { connect } from "node:net";

export type PortAnswer = "open" | "refused" | "silent";

/** Tries a TCP connection and gives it up at once; silence within the limit is an answer, too. */
export function probePort(host: string, port: number, timeoutMs: number): Promise<PortAnswer> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (answer: PortAnswer) => {
      clearTimeout(limit);
      socket.destroy();
      resolve(answer);
    };
    const limit = setTimeout(() => settle("silent"), timeoutMs);
    socket.once("connect", () => settle("open"));
    socket.once("error", ({ code }: NodeJS.ErrnoException) =>
      settle(code === "ECONNREFUSED" ? "refused" : "silent"),
    );
  });
}
