import { Input, NumberInput, SegmentedControl } from "@mantine/core";
import type { ReactNode } from "react";
import type { QuickTestSpec } from "@/api/schema";
import { Term } from "@/ui/Term";
import classes from "./Settings.module.css";

export type Measured = Pick<QuickTestSpec, "split" | "sample_by" | "seed">;

interface Props {
  value: Measured;
  change: (part: Partial<Measured>) => void;
  error: (path: string) => string | undefined;
  /** Beside the seed. */
  children?: ReactNode;
}

/** What decides which purchases are learned from, and which are held back. */
export function Measuring({ value, change, error, children }: Props) {
  return (
    <>
      <Input.Wrapper
        label={<Term term="split">Which purchases are held back to measure on</Term>}
        labelElement="div"
        error={error("spec.split")}
      >
        <div className={classes.row}>
          <SegmentedControl
            aria-label="Which purchases are held back"
            data={[
              { value: "auto", label: "Automatic" },
              { value: "temporal", label: "The latest" },
              { value: "random", label: "Random ones" },
            ]}
            value={value.split.strategy}
            onChange={(strategy) =>
              change({
                split: { ...value.split, strategy: strategy as Measured["split"]["strategy"] },
              })
            }
          />
          <NumberInput
            aria-label="Share held back, in percent"
            value={value.split.holdout_percent}
            onChange={(share) =>
              typeof share === "number" &&
              change({ split: { ...value.split, holdout_percent: share } })
            }
            min={1}
            max={50}
            suffix=" %"
            w={92}
          />
        </div>
      </Input.Wrapper>
      <Input.Wrapper label={<Term term="sample_by">What is sampled</Term>} labelElement="div">
        <div className={classes.row}>
          <SegmentedControl
            aria-label="What is sampled"
            data={[
              { value: "customer", label: "Customers, with all they bought" },
              { value: "row", label: "Single purchases" },
            ]}
            value={value.sample_by}
            onChange={(sample_by) => change({ sample_by: sample_by as Measured["sample_by"] })}
          />
        </div>
      </Input.Wrapper>
      <div className={classes.pair}>
        <NumberInput
          label={<Term term="seed">Chance of the sample</Term>}
          description="Tests with unlike ones are not comparable."
          value={value.seed}
          onChange={(seed) => typeof seed === "number" && change({ seed })}
          min={0}
          max={2147483647}
          allowDecimal={false}
          error={error("spec.seed")}
        />
        {children}
      </div>
    </>
  );
}
