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
  // A cross has no name by itself; the header of a dialog is no header of the page.
  components: {
    // Filled ones are too small for a text that can be read on honey.
    Badge: { defaultProps: { variant: "light" } },
    Modal: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } },
    Drawer: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } },
    ModalHeader: { defaultProps: { role: "presentation" } },
    DrawerHeader: { defaultProps: { role: "presentation" } },
  },
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, "Cascadia Mono", Menlo, Consolas, monospace',
});

// The library's own shades for small letters are too faint for many eyes.
const lightInks = {
  green: "#1d6a2e",
  yellow: "#704700",
  orange: "#8a3200",
  red: "#a31b1b",
  blue: "#155a9c",
  honey: "#704700",
  gray: "#495057",
};

export const colorVariables: CSSVariablesResolver = () => ({
  variables: { "--mantine-color-red-filled": "#c92a2a" },
  light: {
    ...inkVariables(lightInks),
    "--mantine-color-dimmed": "#5a6169",
    "--mantine-color-placeholder": "#6b7280",
    "--mantine-color-anchor": "#7a4f00",
  },
  dark: {
    "--mantine-color-dimmed": "#b0b3b8",
    "--mantine-color-placeholder": "#9a9da3",
    "--mantine-color-anchor": "#ffca64",
    "--mantine-color-red-text": "#ff9a9a",
    "--mantine-color-orange-text": "#ffb37a",
  },
});

function inkVariables(inks: Readonly<Record<string, string>>): Record<string, string> {
  const uses = ["text", "outline", "light-color"];
  return Object.fromEntries(
    Object.entries(inks).flatMap(([color, ink]) =>
      uses.map((use) => [`--mantine-color-${color}-${use}`, ink]),
    ),
  );
}
