import { Anchor, type ComboboxData, Select } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { labelOf } from "@/api/catalogue";
import type { Dataset, FeatureConfig, ModelConfig } from "@/api/schema";
import { widthsText } from "@/models/layers";
import { count, exact, plural } from "@/ui/format";
import table from "@/ui/table.module.css";
import classes from "./ConfigChoice.module.css";

interface Props<Config> {
  all: Config[];
  chosen: Config | undefined;
  onChange: (id: string | null) => void;
  error?: string;
}

export function FeatureChoice({
  all,
  datasets,
  chosen,
  onChange,
  error,
}: Props<FeatureConfig> & { datasets: Dataset[] }) {
  const offered = all.filter(
    (config) => config.status.lifecycle !== "archived" || config.id === chosen?.id,
  );
  const nameOf = (id: string): string =>
    datasets.find((dataset) => dataset.id === id)?.name ?? "A deleted dataset";
  const groups = [...new Set(offered.map(({ spec }) => spec.dataset_id))].map((id) => ({
    group: nameOf(id),
    items: offered
      .filter(({ spec }) => spec.dataset_id === id)
      .map((config) => ({ value: config.id, label: config.name })),
  }));
  return (
    <Choice
      label="Features"
      placeholder="Choose features"
      data={groups}
      value={chosen?.id ?? null}
      {...{ onChange, error }}
      to={chosen && `/features/${chosen.id}`}
    >
      {chosen && (
        <>
          <Fact name="Dataset">{nameOf(chosen.spec.dataset_id)}</Fact>
          <Fact name="Buyer tensor" tower="buyer">
            {plural(chosen.status.buyer_tensor?.total ?? 0, "number")}
          </Fact>
          <Fact name="Product tensor" tower="product">
            {plural(chosen.status.product_tensor?.total ?? 0, "number")}
          </Fact>
          <Fact name="Crosses">
            {chosen.spec.buyer_model_crosses.length + chosen.spec.product_model_crosses.length}
          </Fact>
          <Validity document={chosen} good="Valid" />
        </>
      )}
    </Choice>
  );
}

export function ModelChoice({ all, chosen, onChange, error }: Props<ModelConfig>) {
  return (
    <Choice
      label="Model"
      placeholder="Choose a model"
      data={all.map((config) => ({ value: config.id, label: config.name }))}
      value={chosen?.id ?? null}
      {...{ onChange, error }}
      to={chosen && `/models/${chosen.id}`}
    >
      {chosen && (
        <>
          <Fact name="Task">{labelOf("tasks", chosen.spec.model_type)}</Fact>
          <Fact name="Buyer tower" tower="buyer">
            {widthsText(chosen.spec.buyer_tower_layers)}
          </Fact>
          <Fact name="Product tower" tower="product">
            {widthsText(chosen.spec.product_tower_layers)}
          </Fact>
          <Fact name="Optimizer">
            {labelOf("optimizers", chosen.spec.optimizer)} @ {exact(chosen.spec.learning_rate)},
            batch size {count(chosen.spec.batch_size)}
          </Fact>
          <Validity document={chosen} good="Valid" />
        </>
      )}
    </Choice>
  );
}

function Choice({
  label,
  placeholder,
  data,
  value,
  onChange,
  error,
  to,
  children,
}: {
  label: string;
  placeholder: string;
  data: ComboboxData<string>;
  value: string | null;
  onChange: (id: string | null) => void;
  error?: string;
  to?: string;
  children: ReactNode;
}) {
  return (
    <div className={classes.choice}>
      <Select
        label={label}
        placeholder={placeholder}
        data={data}
        value={value}
        onChange={onChange}
        error={error}
        searchable
        nothingFoundMessage="No match."
        allowDeselect={false}
      />
      <div className={classes.summary}>
        {children ? (
          <>
            <dl className={`${table.facts} ${classes.facts}`}>{children}</dl>
            {to && (
              <Anchor component={Link} to={to} size="sm" className={classes.open}>
                Open {label.toLowerCase()}
              </Anchor>
            )}
          </>
        ) : (
          <p className={classes.none}>A summary is shown here.</p>
        )}
      </div>
    </div>
  );
}

function Fact({
  name,
  tower,
  children,
}: {
  name: string;
  tower?: "buyer" | "product";
  children: ReactNode;
}) {
  return (
    <>
      <dt>{name}</dt>
      <dd className={classes.fact} data-tower={tower}>
        {children}
      </dd>
    </>
  );
}

function Validity({ document, good }: { document: FeatureConfig | ModelConfig; good: string }) {
  const { state } = document.status.validation;
  return (
    <Fact name="Checked">
      {state === "valid" ? `✓ ${good}` : state === "invalid" ? "✗ Not valid" : "checking …"}
    </Fact>
  );
}
