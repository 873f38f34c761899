import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { createConsoleSession } from "./state/console-session.ts";
import { createLiveState } from "./state/live-state.ts";

const session = createConsoleSession({
  origin: location.origin,
  tabStorage: sessionStorage,
  lastingStorage: localStorage,
  otherTabs: globalThis,
});
const live = createLiveState(session);
const place = document.querySelector("#root");
if (place === null) throw new Error("the page has no place for the console");
// What a page could not do is told in its place.
createRoot(place, { onCaughtError: () => {} }).render(
  <StrictMode>
    <App world={{ session, live }} />
  </StrictMode>,
);
