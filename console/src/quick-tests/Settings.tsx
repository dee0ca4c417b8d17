import { Collapse, MultiSelect, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronRight } from "@tabler/icons-react";
import { boundsOf, settingOf, tunableOf } from "@/api/catalogue";
import type { FeatureConfig, ModelConfig } from "@/api/schema";
import { MEANINGS } from "@/theme/meaning";
import { same } from "@/ui/diff";
import { exact } from "@/ui/format";
import { NumberField } from "@/ui/NumberField";
import { Choice } from "./Choice";
import { type Draft, plain } from "./draft";
import { Measuring } from "./Measuring";
import { RuleSetChoice } from "./RuleSetChoice";
import classes from "./Settings.module.css";

interface Props {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  features: FeatureConfig | undefined;
  model: ModelConfig | undefined;
  /** Columns that results may be split by. */
  splitting: string[];
  error: (path: string) => string | undefined;
  warning: (path: string) => string | undefined;
}

const ADVANCED = [
  "spec.split",
  "spec.seed",
  "spec.training_seed",
  "spec.leave_out",
  "spec.segment_columns",
  "spec.rule_set_id",
  "spec.settings",
];

/** How much data, how long, how fast. */
export function Settings({ draft, change, features, model, splitting, error, warning }: Props) {
  const usual = plain();
  const [open, { toggle }] = useDisclosure(
    (["leave_out", "segment_columns", "rule_set_id", "settings", "split", "seed"] as const).some(
      (name) => !same(draft[name], usual[name]),
    ),
  );
  const shown = open || ADVANCED.some(error);
  const config = model?.spec;
  return (
    <div className={classes.settings}>
      <Choice
        setting={settingOf("quick_test", "data_sample_percent")}
        description={
          settingOf("quick_test", "sample_by").options.find(
            ({ value }) => value === draft.sample_by,
          )?.help
        }
        unit="%"
        value={draft.data_sample_percent}
        onChange={(data_sample_percent) => change({ data_sample_percent })}
        error={error("spec.data_sample_percent")}
      />
      <Choice
        setting={settingOf("quick_test", "epochs")}
        value={draft.epochs}
        onChange={(epochs) => change({ epochs })}
        error={error("spec.epochs")}
      />
      <div className={classes.pair}>
        <Override
          name="batch_size_override"
          own={config?.batch_size}
          {...{ draft, change, error }}
        />
        <Override
          name="learning_rate_override"
          own={config?.learning_rate}
          {...{ draft, change, error }}
        />
      </div>
      {[warning("spec.data_sample_percent"), warning("spec.batch_size_override")].map(
        (message) =>
          message && (
            <p key={message} className={classes.warning}>
              {message}
            </p>
          ),
      )}
      <div>
        <UnstyledButton
          className={classes.toggle}
          onClick={toggle}
          aria-expanded={shown}
          data-open={shown || undefined}
        >
          <IconChevronRight size={16} aria-hidden="true" />
          Advanced: held-out purchases, seeds, columns to leave out or split by, rules
        </UnstyledButton>
        <Collapse expanded={shown}>
          <div className={classes.advanced}>
            <Advanced {...{ draft, change, features, splitting, error }} />
          </div>
        </Collapse>
      </div>
    </div>
  );
}

function Advanced({ draft, change, features, splitting, error }: Omit<Props, "model" | "warning">) {
  const seed = settingOf("quick_test", "training_seed");
  const leaveOut = settingOf("quick_test", "leave_out");
  const splitBy = settingOf("quick_test", "segment_columns");
  const split = draft.segment_columns;
  const columns = (["buyer", "product"] as const).map((tower) => ({
    group: MEANINGS[tower].label,
    items:
      (tower === "buyer"
        ? features?.spec.buyer_model_features
        : features?.spec.product_model_features
      )?.map(({ column }) => ({ value: `${tower}:${column}`, label: column })) ?? [],
  }));
  return (
    <>
      <Measuring value={draft} change={change} error={error}>
        <NumberField<number | null>
          label={seed.label}
          description={seed.help}
          value={draft.training_seed ?? null}
          onChange={(training_seed) => change({ training_seed })}
          empty={String(draft.seed)}
          error={error("spec.training_seed")}
          {...boundsOf(seed)}
        />
      </Measuring>
      <MultiSelect
        label={leaveOut.label}
        description={leaveOut.help}
        data={columns}
        value={draft.leave_out.map(({ tower, column }) => `${tower}:${column}`)}
        onChange={(values) =>
          change({
            leave_out: values.map((value) => ({
              tower: value.startsWith("buyer:") ? "buyer" : "product",
              column: value.slice(value.indexOf(":") + 1),
            })),
          })
        }
        searchable
        clearable
        error={error("spec.leave_out")}
      />
      <MultiSelect
        label={splitBy.label}
        description={splitBy.help}
        placeholder={split.length ? undefined : "Columns of few values"}
        nothingFoundMessage="No such column of few values"
        data={[...new Set([...splitting, ...split])]}
        value={split}
        onChange={(segment_columns) => change({ segment_columns })}
        maxValues={splitBy.maximum ?? undefined}
        searchable
        clearable
        error={error("spec.segment_columns")}
      />
      <RuleSetChoice
        description={settingOf("quick_test", "rule_set_id").help}
        value={draft.rule_set_id ?? null}
        onChange={(rule_set_id) => change({ rule_set_id })}
        error={error("spec.rule_set_id")}
      />
      {Object.keys(draft.settings).length > 0 && (
        <MultiSelect
          label={settingOf("quick_test", "settings").label}
          description="From the trial that this test was copied from. Remove one to take the config's."
          data={Object.entries(draft.settings).map(([name, value]) => ({
            value: name,
            label: `${tunableOf(name)?.label ?? name} ${exact(value)}`,
          }))}
          value={Object.keys(draft.settings)}
          onChange={(names) =>
            change({
              settings: Object.fromEntries(
                Object.entries(draft.settings).filter(([name]) => names.includes(name)),
              ),
            })
          }
          error={error("spec.settings")}
        />
      )}
    </>
  );
}

interface OverrideProps extends Pick<Props, "draft" | "change" | "error"> {
  name: "batch_size_override" | "learning_rate_override";
  /** The model's own. */
  own: number | undefined;
}

/** A setting of the model that a test may set otherwise. */
function Override({ name, own, draft, change, error }: OverrideProps) {
  const setting = settingOf("quick_test", name);
  return (
    <NumberField<number | null>
      label={setting.label}
      description={
        own === undefined ? "By default the model's" : `By default the model's ${exact(own)}`
      }
      value={draft[name] ?? null}
      onChange={(value) => change({ [name]: value })}
      empty={own === undefined ? "" : exact(own)}
      thousandSeparator=","
      error={error(`spec.${name}`)}
      {...boundsOf(setting)}
    />
  );
}
