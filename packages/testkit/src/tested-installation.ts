import { resolve } from "node:path";
import { findInstallation } from "@rbee/settings";
import type { Installation } from "@rbee/settings";

/**
 * The copy of rbee whose programs the tests run. It is decided outside: `npm test` names a bundle,
 * as it is installed, and another copy can be put to the same tests. Else it is the sources.
 */
export function testedInstallation(root = process.env["RBEE_TEST_ROOT"]): Installation {
  return findInstallation(root === undefined ? import.meta.dirname : resolve(root));
}
