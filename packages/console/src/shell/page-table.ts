import { lazy } from "react";
import type { ComponentType } from "react";

export interface Page {
  readonly path: string;
  readonly title: string;
  readonly component: ComponentType;
}

// Each page is a file of its own in the browser too, fetched when it is opened.
const overview = lazy(async () => ({
  default: (await import("../pages/overview/overview-page.tsx")).OverviewPage,
}));

export const pages: readonly Page[] = [{ path: "/", title: "Overview", component: overview }];
