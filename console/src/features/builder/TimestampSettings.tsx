import { Title } from "@mantine/core";
import type { Timestamp } from "@/api/schema";
import { Notice } from "@/ui/Notice";
import { Term } from "@/ui/Term";
import { CYCLES } from "../spec";
import { Choice } from "./Choice";
import { BucketChoice } from "./NumericSettings";
import classes from "./settings.module.css";

interface Props {
  feature: Timestamp;
  onChange: (feature: Timestamp) => void;
}

export function TimestampSettings({ feature, onChange }: Props) {
  const { normalize, bucketize, cyclical } = feature.transforms;
  const set = (part: Partial<Timestamp["transforms"]>) =>
    onChange({ ...feature, transforms: { ...feature.transforms, ...part } });
  return (
    <>
      <div>
        <Title order={3} className={classes.heading}>
          <Term term="cyclical features, sine and cosine">What comes round again</Term>
        </Title>
        {CYCLES.map(({ key, label, range, why }) => (
          <Choice
            key={key}
            title={
              <>
                {label} <span className={classes.note}>{range}</span>
              </>
            }
            hint={`Catches ${why}.`}
            adds="+2D"
            on={cyclical[key]}
            onChange={(on) => set({ cyclical: { ...cyclical, [key]: on } })}
          />
        ))}
      </div>
      <div>
        <Title order={3} className={classes.heading}>
          The moment itself
        </Title>
        <Choice
          title={<Term term="normalize to [−1, 1]">One number on a fixed scale</Term>}
          hint="How early or late in the whole period it was."
          adds="+1D"
          on={normalize.enabled}
          onChange={(enabled) => set({ normalize: { ...normalize, enabled } })}
        >
          <Notice tone="warning">
            What is recommended for lies later than everything that was learned from, at the very
            end of this scale. The cycles above do not have this problem.
          </Notice>
        </Choice>
        <BucketChoice bucketize={bucketize} onChange={(part) => set({ bucketize: part })} />
      </div>
    </>
  );
}
