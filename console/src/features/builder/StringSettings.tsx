import { Group, NumberInput, Title } from "@mantine/core";
import type { StringEmbedding } from "@/api/schema";
import { count } from "@/ui/format";
import { Term } from "@/ui/Term";
import { DimensionInput } from "./DimensionInput";
import type { Widths } from "./FeatureModal";
import classes from "./settings.module.css";

interface Props {
  feature: StringEmbedding;
  /** How many values the column has; null where it is not known. */
  values: number | null;
  recommended: number | undefined;
  widths: Widths[];
  onChange: (feature: StringEmbedding) => void;
}

export function StringSettings({ feature, values, recommended, widths, onChange }: Props) {
  const { vocab_settings: settings } = feature;
  const set = (part: Partial<typeof settings>) =>
    onChange({ ...feature, vocab_settings: { ...settings, ...part } });
  const usual = [...new Set([8, 16, 32, 64, 96, 128, ...(recommended ? [recommended] : [])])].sort(
    (a, b) => a - b,
  );
  const band = widths.find(({ embedding_dim }) => embedding_dim === recommended);
  return (
    <>
      <div>
        <Title order={3} className={classes.heading}>
          <Term term="vocabulary embedding">Each value becomes a learned row of numbers</Term>
        </Title>
        <DimensionInput
          label={<Term term="embedding dimension">How many numbers</Term>}
          description={
            recommended && values !== null
              ? `Recommended: ${recommended} for ${count(values)} values${
                  band?.below ? ` (${count(band.at_least)} to ${count(band.below)} values)` : ""
                }. More can tell finer differences, and needs more purchases to learn them.`
              : "More can tell finer differences, and needs more purchases to learn them."
          }
          value={feature.embedding_dim}
          onChange={(embedding_dim) => onChange({ ...feature, embedding_dim })}
          min={4}
          max={256}
          usual={usual}
          recommended={recommended}
        />
      </div>
      <div>
        <Title order={3} className={classes.heading}>
          <Term term="vocabulary">Which values get a row of their own</Term>
        </Title>
        <Group align="flex-start" gap="md" grow preventGrowOverflow={false}>
          <Whole
            label="At most so many"
            term="max size"
            hint="the most frequent ones"
            value={settings.max_size}
            max={5_000_000}
            onChange={(max_size) => set({ max_size })}
          />
          <Whole
            label="Seen at least so often"
            term="min frequency"
            hint="in the training purchases"
            value={settings.min_frequency}
            max={1_000_000}
            onChange={(min_frequency) => set({ min_frequency })}
          />
          <Whole
            label="Rows for all others"
            term="OOV buckets"
            hint="shared by rare and new values"
            value={settings.oov_buckets}
            max={10_000}
            onChange={(oov_buckets) => set({ oov_buckets })}
          />
        </Group>
      </div>
    </>
  );
}

interface WholeProps {
  label: string;
  term: string;
  hint: string;
  value: number;
  max: number;
  onChange: (value: number) => void;
}

function Whole({ label, term, hint, value, max, onChange }: WholeProps) {
  return (
    <NumberInput
      label={<Term term={term}>{label}</Term>}
      description={hint}
      inputWrapperOrder={["label", "input", "description", "error"]}
      value={value}
      onChange={(given) => {
        if (typeof given === "number" && Number.isInteger(given)) onChange(given);
      }}
      min={1}
      max={max}
      clampBehavior="blur"
      allowDecimal={false}
      allowNegative={false}
      thousandSeparator=","
    />
  );
}
