import { placementLimits } from "@rbee/contract";
import type { Settings } from "@rbee/settings";
import { resolveModel } from "./domain/resolve-model.ts";
import type { ViewOptions } from "./domain/view-state.ts";

/** What decisions about room keep to, as it is configured now. */
export function createViewOptions(currentSettings: () => Settings): Required<ViewOptions> {
  return {
    isPinned(model) {
      const { aliases, queen } = currentSettings();
      const names = queen.pinned?.split(",") ?? [];
      return names.some((name) => resolveModel(name.trim(), aliases) === model);
    },
    limits() {
      const { residency, patience } = currentSettings().queen;
      const { lookAgainMs } = placementLimits.eviction;
      return { residencyMs: residency * 1000, patienceMs: patience * 1000, lookAgainMs };
    },
  };
}
