import type { hiveRoutes } from "@rbee/contract";
import type { Handler, Logger } from "@rbee/daemon";
import type {
  DeviceProbe,
  LogReader,
  ModelCatalogue,
  ModelProvisioner,
  QueenLease,
  WorkerPool,
} from "../ports.ts";

/** What the operations are made of. */
export interface HttpWorld {
  readonly identity: HiveIdentity;
  readonly pool: WorkerPool;
  readonly devices: DeviceProbe;
  readonly catalogue: ModelCatalogue;
  readonly provisioner: ModelProvisioner;
  readonly logs: LogReader;
  readonly lease: QueenLease;
  readonly logger: Logger;
  /** Configured names for references; may be reloaded. */
  readonly aliases: () => Readonly<Record<string, string>>;
  readonly heartbeatMs: () => number;
  readonly requestStop: () => void;
}

export interface HiveIdentity {
  readonly version: string;
  readonly node: string;
  readonly startedBy: string;
  readonly instanceId: string;
  readonly pid: number;
}

type Routes = typeof hiveRoutes;

/** The handler of one operation. */
export type HiveHandler<Name extends keyof Routes> = Handler<Routes[Name]>;
