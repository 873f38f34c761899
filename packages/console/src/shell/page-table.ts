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
const workers = lazy(async () => ({
  default: (await import("../pages/workers/workers-page.tsx")).WorkersPage,
}));
const requests = lazy(async () => ({
  default: (await import("../pages/requests/requests-page.tsx")).RequestsPage,
}));

export const pages: readonly Page[] = [
  { path: "/", title: "Overview", component: overview },
  { path: "/workers", title: "Workers", component: workers },
  { path: "/requests", title: "Requests", component: requests },
];
