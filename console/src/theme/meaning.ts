/**
 * What colours mean, everywhere in the console. The interface itself is grey, so that a colour
 * always says something; a word or an icon says it too.
 *
 * `color` is a palette of the theme, for Mantine's `color` props. In CSS use the variables
 * `--buyer`, `--buyer-soft`, `--buyer-text`, `--buyer-line` and so on (theme/tokens.css).
 */
export const MEANINGS = {
  buyer: { color: "blue", label: "Buyer", term: "query tower" },
  product: { color: "green", label: "Product", term: "candidate tower" },
  rating: { color: "violet", label: "Rating head", term: "rating head" },
  multitask: { color: "pink", label: "Multitask", term: "multitask model" },
  optimizer: { color: "grape", label: "Optimizer", term: "optimizer" },
  hyperparameters: { color: "yellow", label: "Hyperparameters", term: "hyperparameters" },
  dropout: { color: "orange", label: "Dropout", term: "dropout" },
  output: { color: "teal", label: "Output layer", term: "output layer" },
} as const;

export type Meaning = keyof typeof MEANINGS;

/** The inline variables that let one stylesheet serve every meaning: `--m`, `--m-soft`, … */
export function meaningVariables(meaning: Meaning): Record<`--${string}`, string> {
  return {
    "--m": `var(--${meaning})`,
    "--m-soft": `var(--${meaning}-soft)`,
    "--m-line": `var(--${meaning}-line)`,
    "--m-text": `var(--${meaning}-text)`,
  };
}
