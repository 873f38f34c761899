import { lazy } from "react";
import type { ComponentType } from "react";
import { loadLateStyles } from "./load-late-styles.ts";

/** A page that is a file of its own in the browser too, fetched with its styles when it is opened. */
export function lazyPage(load: () => Promise<ComponentType>): ComponentType {
  return lazy(async () => {
    const [page] = await Promise.all([load(), loadLateStyles()]);
    return { default: page };
  });
}
