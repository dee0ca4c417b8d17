import {
  type MantineColorScheme,
  SegmentedControl,
  useMantineColorScheme,
  VisuallyHidden,
} from "@mantine/core";
import { IconDeviceDesktop, IconMoon, IconSun } from "@tabler/icons-react";

const CHOICES = [
  { value: "light", icon: IconSun, label: "Light" },
  { value: "auto", icon: IconDeviceDesktop, label: "System" },
  { value: "dark", icon: IconMoon, label: "Dark" },
];

export function ColourScheme() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <SegmentedControl
      size="xs"
      aria-label="Colour scheme"
      value={colorScheme}
      onChange={(value) => setColorScheme(value as MantineColorScheme)}
      data={CHOICES.map(({ value, icon: Icon, label }) => ({
        value,
        label: (
          <span title={label} style={{ display: "grid", placeItems: "center", height: 18 }}>
            <Icon size={15} stroke={1.7} aria-hidden="true" />
            <VisuallyHidden>{label}</VisuallyHidden>
          </span>
        ),
      }))}
    />
  );
}
