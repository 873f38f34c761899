import type { z } from "zod";
import { Settings } from "./settings-schema.ts";

// Sections have a default of their own, so the object that they are is one level down.
interface Section {
  readonly def: { readonly innerType: { readonly shape?: Readonly<Record<string, z.ZodType>> } };
}

/** The keys of one section; none for `aliases`, whose names are the person's own. */
export function listKeys(section: string): readonly string[] {
  return Object.keys(shapeOf(section));
}

export function schemaOf(section: string, key: string): z.ZodType | undefined {
  return shapeOf(section)[key];
}

function shapeOf(section: string): Readonly<Record<string, z.ZodType>> {
  if (!Object.hasOwn(Settings.shape, section)) return {};
  const { def } = Settings.shape[section as keyof Settings] as unknown as Section;
  return def.innerType.shape ?? {};
}
