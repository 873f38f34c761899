import { createTheme } from "@mantine/core";
import type { MantineColorsTuple } from "@mantine/core";

// From near white to near black; 6 is filled in light, 5 in dark.
const honey: MantineColorsTuple = [
  "#fff8e1",
  "#ffefcb",
  "#ffdd9a",
  "#ffca64",
  "#ffba38",
  "#ffb01b",
  "#ffab09",
  "#e39500",
  "#8a5a00",
  "#5c3c00",
];

export const theme = createTheme({
  colors: { honey },
  primaryColor: "honey",
  primaryShade: { light: 5, dark: 5 },
  // Dark text on honey: readable, where white would not be.
  autoContrast: true,
  luminanceThreshold: 0.35,
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, "Cascadia Mono", Menlo, Consolas, monospace',
});
