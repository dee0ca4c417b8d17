import { Checkbox, Input, NumberInput, SegmentedControl } from "@mantine/core";
import type { ReactNode } from "react";
import { limitsOf, settingOf } from "@/api/catalogue";
import type { QuickTestSpec, SettingInfo } from "@/api/schema";
import classes from "./Settings.module.css";

export type Measured = Pick<QuickTestSpec, "split" | "sample_by" | "seed">;

interface Props {
  value: Measured;
  change: (part: Partial<Measured>) => void;
  error: (path: string) => string | undefined;
  /** Beside the seed. */
  children?: ReactNode;
}

function optionsOf({ options }: SettingInfo): { value: string; label: string }[] {
  return options.map(({ value, label }) => ({ value: String(value), label }));
}

/** What decides which purchases are trained on, and which are held out. */
export function Measuring({ value, change, error, children }: Props) {
  const { split } = value;
  const setting = (name: string) => settingOf("quick_test", name);
  const [strategy, share, ties] = ["strategy", "holdout_percent", "ties"].map((name) =>
    setting(`split.${name}`),
  ) as [SettingInfo, SettingInfo, SettingInfo];
  const [sampleBy, seed] = [setting("sample_by"), setting("seed")];
  return (
    <>
      <Input.Wrapper
        label="Held-out purchases"
        description="The model is evaluated on purchases that it was not trained on."
        labelElement="div"
        error={error("spec.split")}
      >
        <div className={classes.row}>
          <SegmentedControl
            aria-label={strategy.label}
            data={optionsOf(strategy)}
            value={split.strategy}
            onChange={(chosen) =>
              change({ split: { ...split, strategy: chosen as typeof split.strategy } })
            }
          />
          {split.strategy !== "leave_one_out" && (
            <NumberInput
              aria-label={`${share.label}, in percent`}
              value={split.holdout_percent}
              onChange={(percent) =>
                typeof percent === "number" &&
                change({ split: { ...split, holdout_percent: percent } })
              }
              {...limitsOf(share)}
              suffix="%"
              w={92}
            />
          )}
        </div>
        {["auto", "temporal"].includes(split.strategy) && (
          <Checkbox
            mt="xs"
            label={ties.label}
            description={ties.help}
            checked={split.ties === "hash"}
            onChange={(event) =>
              change({ split: { ...split, ties: event.currentTarget.checked ? "hash" : "whole" } })
            }
          />
        )}
      </Input.Wrapper>
      <Input.Wrapper label={sampleBy.label} labelElement="div">
        <div className={classes.row}>
          <SegmentedControl
            aria-label={sampleBy.label}
            data={optionsOf(sampleBy)}
            value={value.sample_by}
            onChange={(sample_by) => change({ sample_by: sample_by as Measured["sample_by"] })}
          />
        </div>
      </Input.Wrapper>
      <div className={classes.pair}>
        <NumberInput
          label={seed.label}
          description={seed.help}
          value={value.seed}
          onChange={(chosen) => typeof chosen === "number" && change({ seed: chosen })}
          {...limitsOf(seed)}
          error={error("spec.seed")}
        />
        {children}
      </div>
    </>
  );
}
