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
const models = lazy(async () => ({
  default: (await import("../pages/models/models-page.tsx")).ModelsPage,
}));
const keys = lazy(async () => ({
  default: (await import("../pages/keys/keys-page.tsx")).KeysPage,
}));
const settings = lazy(async () => ({
  default: (await import("../pages/settings/settings-page.tsx")).SettingsPage,
}));
const nodes = lazy(async () => ({
  default: (await import("../pages/nodes/nodes-page.tsx")).NodesPage,
}));
const chat = lazy(async () => ({
  default: (await import("../pages/chat/chat-page.tsx")).ChatPage,
}));

export const pages: readonly Page[] = [
  { path: "/", title: "Overview", component: overview },
  { path: "/chat", title: "Chat", component: chat },
  { path: "/models", title: "Models", component: models },
  { path: "/workers", title: "Workers", component: workers },
  { path: "/requests", title: "Requests", component: requests },
  { path: "/nodes", title: "Machines", component: nodes },
  { path: "/keys", title: "Keys", component: keys },
  { path: "/settings", title: "Settings", component: settings },
];
