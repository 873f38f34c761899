import { RbeeError, sizes, timings } from "@rbee/contract";
import {
  localUrl,
  openProgram,
  openProgramTracer,
  reportStartFailure,
  runDaemon,
  tellFailure,
} from "@rbee/daemon";
import type { Daemon, Logger, Program } from "@rbee/daemon";
import { keyFingerprint, readSecretFile } from "@rbee/settings";
import { program } from "./create-worker-parts.ts";
import { createWorker } from "./create-worker.ts";
import type { Worker } from "./create-worker.ts";
import { receiveKey } from "./gateway/receive-key.ts";
import type { EngineMaker } from "./model/load-model.ts";
import type { WorkerFlags } from "./parse-flags.ts";

// The hive tries its next port then.
const portTakenExitCode = 98;

interface RunInput {
  readonly flags: WorkerFlags;
  /** Of the program's own file. */
  readonly directory: string;
  readonly engine: Promise<EngineMaker>;
  /** Ends this process without a word: its owner is gone. */
  readonly endAtOnce: () => void;
}

/**
 * Listens, tells the hive, loads. Returns the code to exit with when that fails; otherwise the
 * worker stays until something stops it.
 */
export async function runWorker(input: RunInput): Promise<number | undefined> {
  try {
    const opened = openProgram({
      name: program,
      directory: input.directory,
      configFile: input.flags.configFile,
    });
    const { worker, daemon } = await listen(input, opened);
    worker.noteListening(localUrl(daemon.address));
    const { callbackUrl } = input.flags;
    if (callbackUrl !== undefined) await worker.callBack(callbackUrl);
    return (await worker.load()) === "failed" ? 1 : undefined;
  } catch (error) {
    // Told to stop meanwhile: whoever stops it also ends the process.
    if (RbeeError.is(error, "SHUTTING_DOWN")) return undefined;
    reportStartFailure(program, error);
    return RbeeError.is(error, "PORT_IN_USE") ? portTakenExitCode : 1;
  }
}

async function listen(
  input: RunInput,
  opened: Program,
): Promise<{ worker: Worker; daemon: Daemon }> {
  const { flags } = input;
  const key = await openKey(input, opened.logger);
  const tracer = await openProgramTracer(opened);
  const running = Promise.withResolvers<Daemon>();
  const worker = createWorker({
    ...describeWorker(flags, opened),
    logger: opened.logger,
    tracer,
    currentKey: () => key.current,
    engine: input.engine,
    write: (line) => process.stdout.write(line),
    onLeave: () => void running.promise.then((daemon) => daemon.requestStop("request")),
  });
  const daemon = await runDaemon({
    program,
    app: worker.app,
    host: flags.host,
    port: flags.port,
    hasKey: key.current !== undefined,
    logger: opened.logger,
    onReload: key.reload,
    stop: async (cause, impatience) => {
      // Who asked over HTTP said how long to wait, and that time has passed.
      const drainMs = cause === "request" ? 0 : timings.workerShutdownDrainMs;
      await worker.stop(drainMs, impatience);
    },
    stopTimeoutMs: timings.workerShutdownMs,
    async flush() {
      await tracer.close();
      await opened.flush();
    },
  });
  running.resolve(daemon);
  return { worker, daemon };
}

function describeWorker(flags: WorkerFlags, { settings, installation }: Program) {
  const { modelPath, modelReference, backend, device, contextSize } = flags;
  const slots = flags.slots ?? settings.worker.slots ?? sizes.slotsAuto;
  const threads = flags.threads ?? settings.worker.threads;
  return {
    workerId: flags.workerId,
    backend,
    plan: { modelPath, modelReference, backend, device, slots, contextSize, threads },
    timeouts: settings.timeouts,
    metricsAccess: settings.worker.metrics,
    version: installation.version,
  };
}

interface WorkerKey {
  /** Undefined when this worker needs none. */
  current: string | undefined;
  /** Reads a rotated key; the old one stays when the new one is not usable. */
  readonly reload: () => void;
}

async function openKey({ flags, endAtOnce }: RunInput, logger: Logger): Promise<WorkerKey> {
  const { keyDescriptor: descriptor, keyFile } = flags;
  if (descriptor !== undefined) {
    const timeoutMs = timings.workerStartTimeoutMs;
    const current = await receiveKey({ descriptor, timeoutMs, onOwnerGone: endAtOnce });
    return { current, reload: () => {} };
  }
  if (keyFile === undefined) return { current: undefined, reload: () => {} };
  const key = {
    current: readSecretFile(keyFile),
    reload() {
      try {
        key.current = readSecretFile(keyFile);
        logger.info({ fingerprint: keyFingerprint(key.current) }, "the key was read again");
      } catch (error) {
        tellFailure(logger, error, "the key cannot be used; the old one stays");
      }
    },
  };
  return key;
}
