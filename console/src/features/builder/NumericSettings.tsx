import { Radio, Title } from "@mantine/core";
import type { Column, Numeric } from "@/api/schema";
import { number } from "@/ui/format";
import { Notice } from "@/ui/Notice";
import { Term } from "@/ui/Term";
import { Choice } from "./Choice";
import { DimensionInput } from "./DimensionInput";
import classes from "./settings.module.css";

interface Props {
  feature: Numeric;
  column: Column | undefined;
  onChange: (feature: Numeric) => void;
}

const SKEWED = 2;

export function NumericSettings({ feature, column, onChange }: Props) {
  const { normalize, bucketize, log_transform } = feature.transforms;
  const set = (part: Partial<Numeric["transforms"]>) =>
    onChange({ ...feature, transforms: { ...feature.transforms, ...part } });
  const skewness = column?.statistics?.skewness ?? null;
  return (
    <div>
      <Title order={3} className={classes.heading}>
        What the number becomes: one thing or several
      </Title>
      <Choice
        title={<Term term="normalize">One number on a fixed scale</Term>}
        hint="Keeps order and distance: twice as dear is twice as far."
        adds="+1D"
        on={normalize.enabled}
        onChange={(enabled) => set({ normalize: { ...normalize, enabled } })}
      >
        <Radio.Group
          label="Scale"
          value={String(normalize.range[0])}
          onChange={(low) => set({ normalize: { ...normalize, range: [low === "0" ? 0 : -1, 1] } })}
        >
          <div style={{ display: "flex", gap: "1.25rem" }}>
            <Radio size="sm" value="-1" label="−1 to 1" />
            <Radio size="sm" value="0" label="0 to 1" />
          </div>
        </Radio.Group>
      </Choice>
      <BucketChoice bucketize={bucketize} onChange={(part) => set({ bucketize: part })} />
      <Choice
        title={<Term term="log(1 + x)">Logarithm first</Term>}
        hint="For numbers with few very large ones among many small; comes before the others."
        adds="+0D"
        on={log_transform}
        onChange={(on) => set({ log_transform: on })}
      >
        {(column?.statistics?.min ?? 0) <= -1 && (
          <Notice tone="warning">
            The column goes down to {number(column?.statistics?.min)}: numbers of −1 and less have
            no logarithm and count as missing.
          </Notice>
        )}
      </Choice>
      {skewness !== null && skewness > SKEWED && !log_transform && (
        <div style={{ marginTop: "0.75rem" }}>
          <Notice>
            This column is very uneven (skewness {number(skewness)}): the logarithm is recommended.
          </Notice>
        </div>
      )}
    </div>
  );
}

interface BucketProps {
  bucketize: Numeric["transforms"]["bucketize"];
  onChange: (bucketize: Numeric["transforms"]["bucketize"]) => void;
}

/** Ranges with about equally many purchases each, embedded like categories. */
export function BucketChoice({ bucketize, onChange }: BucketProps) {
  return (
    <Choice
      title={<Term term="bucketize + embed">Ranges, each learned on its own</Term>}
      hint="Equally many purchases in each range (quantiles): finds that cheap and dear differ in kind."
      adds={`+${bucketize.embedding_dim}D`}
      on={bucketize.enabled}
      onChange={(enabled) => onChange({ ...bucketize, enabled })}
    >
      <DimensionInput
        label={<Term term="buckets">Ranges</Term>}
        value={bucketize.buckets}
        onChange={(buckets) => onChange({ ...bucketize, buckets })}
        min={2}
        max={10_000}
        usual={[10, 50, 100, 500]}
      />
      <DimensionInput
        label={<Term term="embedding dimension">Numbers for each</Term>}
        value={bucketize.embedding_dim}
        onChange={(embedding_dim) => onChange({ ...bucketize, embedding_dim })}
        min={4}
        max={256}
        usual={[8, 16, 32, 64]}
      />
    </Choice>
  );
}
