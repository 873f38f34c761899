import { MantineProvider } from "@mantine/core";
import { Suspense } from "react";
import { lazyPage } from "./shell/lazy-page.ts";
import { Shell } from "./shell/shell.tsx";
import { ConsoleContext, useLivePart } from "./state/console-context.tsx";
import type { ConsoleWorld } from "./state/console-context.tsx";
import { colorVariables, theme } from "./theme.ts";

// The page's own styles are allowed by a number that the queen writes into each copy of the page.
const styleNonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";
// The same for what keeps the page still behind a dialog; this is how that library asks for it.
Object.assign(globalThis, { __webpack_nonce__: styleNonce });

// Most queens want no key.
const SignIn = lazyPage(async () => (await import("./shell/sign-in.tsx")).SignIn);

export function App({ world }: { readonly world: ConsoleWorld }) {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={colorVariables}
      // There is no style sheet that has the library's own already.
      deduplicateCssVariables={false}
      defaultColorScheme="auto"
      getStyleNonce={() => styleNonce}
    >
      <ConsoleContext.Provider value={world}>
        <Door />
      </ConsoleContext.Provider>
    </MantineProvider>
  );
}

function Door() {
  const link = useLivePart((snapshot) => snapshot.link);
  if (link !== "locked") return <Shell />;
  return (
    <Suspense>
      <SignIn />
    </Suspense>
  );
}
