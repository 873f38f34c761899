import type { ComponentType } from "react";
import { OverviewPage } from "../pages/overview/overview-page.tsx";
import { lazyPage } from "./lazy-page.ts";

export interface Page {
  readonly path: string;
  readonly title: string;
  readonly component: ComponentType;
}

const workers = lazyPage(
  async () => (await import("../pages/workers/workers-page.tsx")).WorkersPage,
);
const requests = lazyPage(
  async () => (await import("../pages/requests/requests-page.tsx")).RequestsPage,
);
const models = lazyPage(async () => (await import("../pages/models/models-page.tsx")).ModelsPage);
const keys = lazyPage(async () => (await import("../pages/keys/keys-page.tsx")).KeysPage);
const settings = lazyPage(
  async () => (await import("../pages/settings/settings-page.tsx")).SettingsPage,
);
const nodes = lazyPage(async () => (await import("../pages/nodes/nodes-page.tsx")).NodesPage);
const chat = lazyPage(async () => (await import("../pages/chat/chat-page.tsx")).ChatPage);

export const pages: readonly Page[] = [
  // The first look comes with the console itself: in one file it is there sooner than in twelve.
  { path: "/", title: "Overview", component: OverviewPage },
  { path: "/chat", title: "Chat", component: chat },
  { path: "/models", title: "Models", component: models },
  { path: "/workers", title: "Workers", component: workers },
  { path: "/requests", title: "Requests", component: requests },
  { path: "/nodes", title: "Machines", component: nodes },
  { path: "/keys", title: "Keys", component: keys },
  { path: "/settings", title: "Settings", component: settings },
];
