import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** What happens to the pieces on their way, in either direction. */
export interface Weather {
  readonly delayMs: number;
  /** So large a share of the pieces is lost and comes after `resendMs` more, with all behind it. */
  readonly lossShare: number;
  readonly resendMs: number;
}

export interface TcpProxyOptions {
  /** The address to listen on. */
  readonly host: string;
  readonly target: { readonly host: string; readonly port: number };
  readonly weather?: Partial<Weather>;
}

/** A long and bad line: connections to it go on to the target, later and with gaps. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  readonly setWeather: (weather: Partial<Weather>) => void;
  /** Every open connection breaks at both ends. */
  readonly reset: () => void;
  readonly close: () => Promise<void>;
}

const fineWeather: Weather = { delayMs: 0, lossShare: 0, resendMs: 200 };

export async function createTcpProxy(options: TcpProxyOptions): Promise<TcpProxy> {
  let weather: Weather = { ...fineWeather, ...options.weather };
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ ...options.target, allowHalfOpen: true });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      // A break is passed on by the other handlers.
      socket.on("error", () => {});
      socket.once("close", () => sockets.delete(socket));
    }
    carry(near, far, () => weather);
    carry(far, near, () => weather);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, options.host, resolve);
  });
  const reset = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const close = async () => {
    reset();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    port: (server.address() as AddressInfo).port,
    setWeather: (change) => (weather = { ...weather, ...change }),
    reset,
    close,
    [Symbol.asyncDispose]: close,
  };
}

// One direction: pieces arrive in order, each no earlier than the one before it.
function carry(from: Socket, to: Socket, weather: () => Weather): void {
  let line = Promise.resolve();
  const later = (act: () => void) => {
    const { delayMs, lossShare, resendMs } = weather();
    const arrivesAt = performance.now() + delayMs + (Math.random() < lossShare ? resendMs : 0);
    line = line.then(() => pause(Math.max(0, arrivesAt - performance.now()))).then(act);
  };
  from.on("data", (piece: Buffer) =>
    later(() => {
      if (to.destroyed || to.write(piece)) return;
      from.pause();
      to.once("drain", () => from.resume());
    }),
  );
  from.once("end", () => later(() => to.end()));
  from.once("close", (hadError) => {
    if (hadError) later(() => to.resetAndDestroy());
  });
}
