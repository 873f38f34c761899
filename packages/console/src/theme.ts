import { createTheme } from "@mantine/core";
import type { CSSVariablesResolver, MantineColorsTuple } from "@mantine/core";

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
  // The header of a dialog is no header of the page.
  components: {
    ModalHeader: { defaultProps: { role: "presentation" } },
    DrawerHeader: { defaultProps: { role: "presentation" } },
  },
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, "Cascadia Mono", Menlo, Consolas, monospace',
});

// The library's own shades for small letters are too faint for many eyes.
export const colorVariables: CSSVariablesResolver = () => ({
  variables: { "--mantine-color-red-filled": "#c92a2a" },
  light: {
    "--mantine-color-dimmed": "#5a6169",
    "--mantine-color-placeholder": "#6b7280",
    "--mantine-color-anchor": "#7a4f00",
    "--mantine-color-honey-outline": "#7a4f00",
    "--mantine-color-red-text": "#b02525",
    "--mantine-color-orange-text": "#9a3f00",
    "--mantine-color-green-light-color": "#1d6a2e",
    "--mantine-color-yellow-light-color": "#704700",
    "--mantine-color-orange-light-color": "#8a3200",
    "--mantine-color-red-light-color": "#a31b1b",
    "--mantine-color-blue-light-color": "#155a9c",
  },
  dark: {
    "--mantine-color-dimmed": "#b0b3b8",
    "--mantine-color-placeholder": "#9a9da3",
    "--mantine-color-anchor": "#ffca64",
    "--mantine-color-red-text": "#ff9a9a",
    "--mantine-color-orange-text": "#ffb37a",
  },
});
