import { placementLimits } from "@rbee/contract";
import type { Settings } from "@rbee/settings";
import { resolveModel } from "./domain/resolve-model.ts";
import type { ViewOptions } from "./domain/view-state.ts";

/** What decisions about room keep to, as it is configured now. */
export function createViewOptions(currentSettings: () => Settings): Required<ViewOptions> {
  let read: Settings | undefined;
  let pinned: ReadonlySet<string | undefined> = new Set();
  return {
    // Asked for many workers in one decision, so the names are looked up once per configuration.
    isPinned(model) {
      const settings = currentSettings();
      if (settings !== read) {
        const names = settings.queen.pinned?.split(",") ?? [];
        pinned = new Set(names.map((name) => resolveModel(name.trim(), settings.aliases)));
        read = settings;
      }
      return pinned.has(model);
    },
    limits() {
      const { residency, patience } = currentSettings().queen;
      const { lookAgainMs } = placementLimits.eviction;
      return { residencyMs: residency * 1000, patienceMs: patience * 1000, lookAgainMs };
    },
  };
}
