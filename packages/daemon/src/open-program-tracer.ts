import { timings } from "@rbee/contract";
import { openTracer } from "@rbee/telemetry";
import type { Tracer } from "@rbee/telemetry";
import type { Program } from "./open-program.ts";

/** The tracer of a daemon, by its configuration; a silent one unless an endpoint is named. */
export async function openProgramTracer(
  program: Pick<Program, "name" | "installation" | "settings">,
): Promise<Tracer> {
  const { otlp_endpoint: endpoint, sample_ratio: sampleRatio } = program.settings.telemetry;
  return await openTracer({
    program: program.name,
    version: program.installation.version,
    endpoint,
    sampleRatio,
    exportTimeoutMs: timings.telemetryExportMs,
  });
}
