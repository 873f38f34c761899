import type { FieldError } from "@rbee/contract";
import type { z } from "zod";
import type { SettingSource } from "./load-settings.ts";
import { listKeys } from "./settings-keys.ts";
import { Settings } from "./settings-schema.ts";

type Sources = ReadonlyMap<string, SettingSource>;

/** Every wrong key with what was expected, and where it was written when that is not the file. */
export function describeWrongSettings(error: z.ZodError, sources: Sources): FieldError[] {
  return error.issues.flatMap((issue) => {
    const field = issue.path.join(".");
    const origin = describeOrigin(field, sources);
    if (issue.code !== "unrecognized_keys") {
      return [{ field, constraint: issue.code, message: `${issue.message}${origin}` }];
    }
    return issue.keys.map((key) => ({
      field: field === "" ? key : `${field}.${key}`,
      constraint: "known",
      message: describeUnknown(field, key),
    }));
  });
}

function describeOrigin(field: string, sources: Sources): string {
  const [section = "", ...rest] = field.split(".");
  const source = sources.get(`${section}.${rest.join(".")}`);
  if (source === "flag") return " (from the command line)";
  if (source !== "environment") return "";
  return ` (from RBEE_${[section, ...rest].join("_").toUpperCase()})`;
}

function describeUnknown(section: string, key: string): string {
  if (section === "") {
    return `is no section of rbee; there are ${Object.keys(Settings.shape).join(", ")}`;
  }
  const keys = listKeys(section);
  const meant = keys.find((known) => isNear(known, key));
  const advice = meant === undefined ? `there are ${keys.join(", ")}` : `is ${meant} meant?`;
  return `is no setting of rbee; ${advice}`;
}

// The same letters but for one that is missing, added, wrong, or two that changed places.
function isNear(known: string, written: string): boolean {
  if (Math.abs(known.length - written.length) > 1) return false;
  const start = lengthOfCommonStart(known, written);
  const restOfKnown = known.slice(start);
  const restOfWritten = written.slice(start);
  const swapped = `${restOfWritten.charAt(1)}${restOfWritten.charAt(0)}${restOfWritten.slice(2)}`;
  return (
    restOfKnown.slice(1) === restOfWritten.slice(1) ||
    restOfKnown.slice(1) === restOfWritten ||
    restOfKnown === restOfWritten.slice(1) ||
    restOfKnown === swapped
  );
}

function lengthOfCommonStart(left: string, right: string): number {
  let length = 0;
  while (length < left.length && left[length] === right[length]) length += 1;
  return length;
}
