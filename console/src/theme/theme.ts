import type * as core from "@mantine/core";
import {
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from "@mantine/core";

/** The interface's own colour: ink on paper, paper on ink. */
const ink: MantineColorsTuple = [
  "#f6f7f8",
  "#e9ebee",
  "#d3d7dd",
  "#b3b9c2",
  "#8b929e",
  "#656c79",
  "#484e59",
  "#2f343d",
  "#1b1e24",
  "#101216",
];

// Mantine takes the light scheme's shade when it decides what is readable on a filled control;
// ink turns from dark to light between the schemes.
const variants: VariantColorsResolver = (input) => {
  const resolved = defaultVariantColorsResolver(input);
  if (input.variant === "filled" && (input.color ?? input.theme.primaryColor) === "ink") {
    return { ...resolved, color: "var(--mantine-primary-color-contrast)" };
  }
  return resolved;
};

type Core = typeof core;
type Extended = {
  [Name in keyof Core]: Core[Name] extends { extend: (of: infer Extension) => unknown }
    ? Extension
    : never;
};

/** As each component's own `extend`, without loading the component before a page shows it. */
const components: Partial<Extended> = {
  Anchor: {
    defaultProps: { underline: "always" },
    styles: {
      root: { textDecorationColor: "var(--line-strong)", textUnderlineOffset: "0.1875rem" },
    },
  },
  Button: { defaultProps: { size: "sm" }, styles: { label: { fontWeight: 550 } } },
  Badge: {
    defaultProps: { variant: "light", radius: "sm" },
    styles: { label: { textTransform: "none", fontWeight: 550 } },
  },
  Checkbox: {
    defaultProps: { iconColor: "var(--mantine-primary-color-contrast)" },
  },
  Pill: {
    // A long name takes several lines.
    styles: {
      root: { flex: "0 1 auto", height: "auto", maxWidth: "100%" },
      label: { whiteSpace: "normal", overflowWrap: "anywhere" },
    },
  },
  PillGroup: { styles: { group: { width: "100%" } } },
  Radio: {
    defaultProps: { iconColor: "var(--mantine-primary-color-contrast)" },
  },
  RadioIndicator: {
    defaultProps: { iconColor: "var(--mantine-primary-color-contrast)" },
  },
  InputWrapper: {
    styles: {
      label: { fontWeight: 550, marginBottom: 4, fontSize: "var(--type-sm)" },
      description: { marginBottom: 6, color: "var(--text-3)" },
    },
  },
  Modal: {
    defaultProps: {
      centered: true,
      radius: "lg",
      overlayProps: { backgroundOpacity: 0.45, blur: 1 },
      closeButtonProps: { "aria-label": "Close" },
    },
    styles: { title: { fontWeight: 620, fontSize: "var(--type-lg)" } },
  },
  Notification: {
    defaultProps: { closeButtonProps: { "aria-label": "Close" } },
  },
  SegmentedControl: {
    // As wide as each label is, on a second line rather than broken.
    styles: {
      root: { flexWrap: "wrap" },
      control: { flex: "1 1 auto" },
      label: { paddingInline: "0.5rem" },
      innerLabel: { whiteSpace: "normal", overflowWrap: "break-word" },
    },
  },
  Tooltip: {
    defaultProps: { withArrow: true, multiline: true, maw: 320, openDelay: 200, fz: "xs" },
  },
};

export const theme = createTheme({
  colors: { ink },
  primaryColor: "ink",
  primaryShade: { light: 8, dark: 1 },
  autoContrast: true,
  respectReducedMotion: true,
  luminanceThreshold: 0.36,
  variantColorResolver: variants,
  fontFamily: '"Inter Variable", system-ui, -apple-system, "Segoe UI", sans-serif',
  fontFamilyMonospace: "var(--mono)",
  defaultRadius: "md",
  radius: { xs: "4px", sm: "6px", md: "8px", lg: "12px", xl: "16px" },
  fontSizes: {
    xs: "var(--type-xs)",
    sm: "var(--type-sm)",
    md: "var(--type-md)",
    lg: "var(--type-lg)",
    xl: "var(--type-xl)",
  },
  headings: {
    fontWeight: "620",
    sizes: {
      h1: { fontSize: "var(--type-2xl)", lineHeight: "1.25" },
      h2: { fontSize: "var(--type-xl)", lineHeight: "1.3" },
      h3: { fontSize: "var(--type-lg)", lineHeight: "1.4" },
      h4: { fontSize: "var(--type-md)", lineHeight: "1.45" },
    },
  },
  components,
});
