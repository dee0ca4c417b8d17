import { Collapse, MultiSelect, NumberInput, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronRight } from "@tabler/icons-react";
import type { FeatureConfig, ModelConfig } from "@/api/schema";
import { Term } from "@/ui/Term";
import { Choice } from "./Choice";
import type { Draft } from "./draft";
import { Measuring } from "./Measuring";
import classes from "./Settings.module.css";

interface Props {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  features: FeatureConfig | undefined;
  model: ModelConfig | undefined;
  error: (path: string) => string | undefined;
  warning: (path: string) => string | undefined;
}

const ADVANCED = ["spec.split", "spec.seed", "spec.training_seed", "spec.leave_out"];

/** How much data, how long, how fast. */
export function Settings({ draft, change, features, model, error, warning }: Props) {
  const [open, { toggle }] = useDisclosure(
    draft.leave_out.length > 0 || draft.split.strategy !== "auto" || draft.seed !== 42,
  );
  const shown = open || ADVANCED.some(error);
  const config = model?.spec;
  return (
    <div className={classes.settings}>
      <Choice
        label={<Term term="data_sample_percent">How much of the data</Term>}
        name="How much of the data"
        description={
          draft.sample_by === "customer"
            ? "Of the customers, each with all their purchases."
            : "Of the purchases, whoever made them."
        }
        options={[5, 10, 25, 100]}
        unit=" %"
        value={draft.data_sample_percent}
        onChange={(data_sample_percent) => change({ data_sample_percent })}
        min={0.01}
        max={100}
        error={error("spec.data_sample_percent")}
      />
      <Choice
        label={<Term term="epochs">How often the data is gone through</Term>}
        name="Epochs"
        options={[1, 2, 3]}
        value={draft.epochs}
        onChange={(epochs) => change({ epochs })}
        min={1}
        max={100}
        integer
        error={error("spec.epochs")}
      />
      <div className={classes.pair}>
        <NumberInput
          label={<Term term="batch size">Purchases per step</Term>}
          description={config ? `The model's own: ${config.batch_size}` : "As the model says"}
          placeholder={config ? String(config.batch_size) : ""}
          value={draft.batch_size_override ?? ""}
          onChange={(value) => change({ batch_size_override: numberOr(value) })}
          min={2}
          max={65536}
          allowDecimal={false}
          thousandSeparator=","
          error={error("spec.batch_size_override")}
        />
        <NumberInput
          label={<Term term="learning rate">Size of a step</Term>}
          description={config ? `The model's own: ${config.learning_rate}` : "As the model says"}
          placeholder={config ? String(config.learning_rate) : ""}
          value={draft.learning_rate_override ?? ""}
          onChange={(value) => change({ learning_rate_override: numberOr(value) })}
          min={0}
          max={10}
          step={0.001}
          decimalScale={6}
          error={error("spec.learning_rate_override")}
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
          Advanced: how purchases are held back, chance, columns to leave out
        </UnstyledButton>
        <Collapse expanded={shown}>
          <div className={classes.advanced}>
            <Advanced {...{ draft, change, features, error }} />
          </div>
        </Collapse>
      </div>
    </div>
  );
}

function Advanced({ draft, change, features, error }: Omit<Props, "model" | "warning">) {
  const columns = (["buyer", "product"] as const).map((tower) => ({
    group: tower === "buyer" ? "Buyer" : "Product",
    items:
      (tower === "buyer"
        ? features?.spec.buyer_model_features
        : features?.spec.product_model_features
      )?.map(({ column }) => ({ value: `${tower}:${column}`, label: column })) ?? [],
  }));
  return (
    <>
      <Measuring value={draft} change={change} error={error}>
        <NumberInput
          label={<Term term="training seed">Chance of the training</Term>}
          description="Try several to see what is luck."
          placeholder={String(draft.seed)}
          value={draft.training_seed ?? ""}
          onChange={(value) => change({ training_seed: numberOr(value) })}
          min={0}
          max={2147483647}
          allowDecimal={false}
          error={error("spec.training_seed")}
        />
      </Measuring>
      <MultiSelect
        label={<Term term="leave_out">Columns to leave out</Term>}
        description="To see what they are worth. The features themselves stay as they are."
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
    </>
  );
}

function numberOr(value: string | number): number | null {
  return typeof value === "number" ? value : null;
}
