import { SegmentedControl, useMantineColorScheme } from "@mantine/core";

const schemes = [
  { value: "auto", label: "Auto" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
] as const;

export function ColorSchemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <SegmentedControl
      size="xs"
      aria-label="Colours"
      data={[...schemes]}
      value={colorScheme}
      onChange={(scheme) => setColorScheme(scheme)}
    />
  );
}
