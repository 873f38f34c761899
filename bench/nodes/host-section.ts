import { hostNetworkObstacles } from "@rbee/testkit";
import type { Section } from "../section.ts";

/** A section that needs several machines. Where there can be none it says why, and that is all. */
export function hostSection(section: Section): Section {
  return {
    ...section,
    async run(bench) {
      const obstacles = hostNetworkObstacles();
      if (obstacles.length === 0) return await section.run(bench);
      return [{ name: "not measured here", measured: `needs ${obstacles.join(", ")}` }];
    },
  };
}
