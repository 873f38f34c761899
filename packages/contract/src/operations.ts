import { z } from "zod";

/** What `doctor` found: one finding per check, with what to do when it is not fine. */
export const DoctorFinding = z.object({
  check: z.string(),
  status: z.enum(["ok", "warning", "problem"]),
  found: z.string(),
  advice: z.string().nullable(),
});
export type DoctorFinding = z.infer<typeof DoctorFinding>;
export const DoctorReport = z.object({
  node: z.string(),
  findings: z.array(DoctorFinding),
});
export type DoctorReport = z.infer<typeof DoctorReport>;

export const SettingOnWire = z.object({
  name: z.string(),
  value: z.json(),
  source: z.enum(["default", "file", "environment", "flag"]),
  /** What the configuration says since, when that needs a restart. */
  after_restart: z.json().optional(),
});
export const SettingsAnswer = z.object({
  config_file: z.string().nullable(),
  settings: z.array(SettingOnWire),
});
