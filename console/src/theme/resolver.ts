import type { CSSVariablesResolver } from "@mantine/core";

const surfaces = {
  "--mantine-color-body": "var(--page)",
  "--mantine-color-text": "var(--text)",
  "--mantine-color-dimmed": "var(--text-3)",
  "--mantine-color-placeholder": "var(--text-3)",
  "--mantine-color-default": "var(--surface)",
  "--mantine-color-default-hover": "var(--hover)",
  "--mantine-color-default-border": "var(--line-strong)",
  "--mantine-color-anchor": "var(--text)",
  "--mantine-color-error": "var(--bad-text)",
};

/** Mantine's own variables, in terms of theme/tokens.css. */
export const resolver: CSSVariablesResolver = () => ({
  variables: {},
  light: surfaces,
  dark: surfaces,
});
