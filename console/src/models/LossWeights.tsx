import { Slider } from "@mantine/core";
import { IconScale } from "@tabler/icons-react";
import { settingOf } from "@/api/catalogue";
import { meaningVariables } from "@/theme/meaning";
import { number } from "@/ui/format";
import { Said } from "@/ui/Said";
import { withSettings } from "./draft";
import type { Editor } from "./editor";
import classes from "./LossWeights.module.css";
import { Panel } from "./Panel";
import { exactly } from "./problems";

const BALANCES = [
  { name: "Balanced", retrieval_weight: 1, ranking_weight: 1 },
  { name: "Retrieval first", retrieval_weight: 1, ranking_weight: 0.3 },
  { name: "Rating first", retrieval_weight: 0.3, ranking_weight: 1 },
];

const TASKS = [
  { field: "retrieval_weight", meaning: "buyer" },
  { field: "ranking_weight", meaning: "rating" },
] as const;

/** How the losses of a multitask model are weighted. */
export function LossWeights({ draft, change, problems }: Editor) {
  const { settings } = draft;
  return (
    <Panel title="Loss weights" meaning="multitask" icon={IconScale}>
      <p className={classes.lead}>
        The loss is <em>weight × retrieval loss + weight × rating loss</em>. The weights need not
        add up to 1.
      </p>
      <div className={classes.balances}>
        {BALANCES.map(({ name, ...weights }) => (
          <button
            key={name}
            type="button"
            className={classes.balance}
            aria-pressed={
              settings.retrieval_weight === weights.retrieval_weight &&
              settings.ranking_weight === weights.ranking_weight
            }
            onClick={() => change((before) => withSettings(before, weights))}
          >
            {name}{" "}
            <span className={classes.numbers}>
              {number(weights.retrieval_weight)} : {number(weights.ranking_weight)}
            </span>
          </button>
        ))}
      </div>
      {TASKS.map((task) => (
        <Weight
          key={task.field}
          {...task}
          value={settings[task.field]}
          onChange={(value) => change((before) => withSettings(before, { [task.field]: value }))}
        />
      ))}
      <Said
        problems={[
          ...exactly(problems, "spec.retrieval_weight"),
          ...exactly(problems, "spec.ranking_weight"),
        ]}
      />
    </Panel>
  );
}

type WeightProps = (typeof TASKS)[number] & { value: number; onChange: (value: number) => void };

function Weight({ field, meaning, value, onChange }: WeightProps) {
  const { label, help, minimum, maximum, step } = settingOf("model_config", field);
  return (
    <div style={meaningVariables(meaning)}>
      <div className={classes.line}>
        <span className={classes.name}>{label}</span>
        <output className={classes.value}>{value.toFixed(2)}</output>
      </div>
      <Slider
        value={value}
        onChange={(next) => onChange(Math.round(next * 100) / 100)}
        min={minimum ?? undefined}
        max={maximum ?? undefined}
        step={step ?? undefined}
        label={null}
        color="var(--m)"
        thumbLabel={label}
      />
      <p className={classes.good}>{help}</p>
    </div>
  );
}
