import { Button, CloseButton, SegmentedControl, Select, Skeleton, TextInput } from "@mantine/core";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { modelConfigs } from "@/api/modelConfigs";
import type { ModelConfig, ModelType } from "@/api/schema";
import { useNotDeleted } from "@/editing/useDelete";
import { plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { useFirst } from "@/ui/useFirst";
import { ModelCard } from "./ModelCard";
import classes from "./ModelsPage.module.css";
import { NoModels } from "./NoModels";
import { type Order, selected } from "./select";
import { largest } from "./TowerBars";
import { modelTypes } from "./types";

const ORDERS: Record<Order, string> = {
  updated: "Last changed",
  name: "Name",
  size: "Largest first",
};

export default function ModelsPage() {
  const query = useQuery(modelConfigs.listQuery);
  const add = (
    <Button component={Link} to="/models/new" leftSection={<IconPlus size={16} />}>
      New model
    </Button>
  );
  return (
    <Page
      title="Models"
      lead="How features become recommendations: the architecture of the towers, and how they are trained. A model works with any features."
      wide
      actions={query.data?.length ? add : undefined}
    >
      <Loaded query={query} skeleton={<Cards />}>
        {(all) => <List all={all} />}
      </Loaded>
    </Page>
  );
}

function Cards() {
  return (
    <>
      <Skeleton height={36} mb="md" />
      <div className={classes.cards}>
        {Array.from({ length: 6 }, (_, place) => (
          <Skeleton key={place} height={264} radius="lg" />
        ))}
      </div>
    </>
  );
}

function List({ all }: { all: ModelConfig[] }) {
  const models = useNotDeleted(modelConfigs, all);
  const [parameters, setParameters] = useSearchParams();
  const text = parameters.get("q") ?? "";
  const types = modelTypes();
  const type = types.find(({ name }) => name === parameters.get("type"))?.name ?? null;
  const order = (Object.keys(ORDERS) as Order[]).find((o) => o === parameters.get("order"));
  const shown = selected(models, { text, type, order: order ?? "updated" });
  const [first, showMore] = useFirst(shown);
  if (models.length === 0) return <NoModels />;

  const scale = Math.max(...models.map(({ spec }) => largest(spec)));
  const set = (name: string, value: string) =>
    setParameters(
      (before) => {
        const after = new URLSearchParams(before);
        if (value) after.set(name, value);
        else after.delete(name);
        return after;
      },
      { replace: true },
    );
  const amount = (of: ModelType) => models.filter(({ spec }) => spec.model_type === of).length;

  return (
    <>
      <div className={classes.tools}>
        <TextInput
          aria-label="Find a model"
          placeholder="Search names and descriptions"
          leftSection={<IconSearch size={16} stroke={1.7} />}
          rightSection={
            text && <CloseButton size="sm" aria-label="Clear" onClick={() => set("q", "")} />
          }
          value={text}
          onChange={(event) => set("q", event.currentTarget.value)}
          className={classes.find}
        />
        <SegmentedControl
          aria-label="Task"
          value={type ?? ""}
          onChange={(value) => set("type", value)}
          className={classes.types}
          data={[
            { value: "", label: `All ${models.length}` },
            ...types.map(({ name, label }) => ({
              value: name,
              label: `${label} ${amount(name)}`,
            })),
          ]}
        />
        <Select
          aria-label="Order"
          value={order ?? "updated"}
          onChange={(value) => set("order", value === "updated" ? "" : (value ?? ""))}
          data={Object.entries(ORDERS).map(([value, label]) => ({ value, label }))}
          allowDeselect={false}
          className={classes.order}
        />
      </div>
      <p className={classes.count} role="status">
        {shown.length === models.length
          ? ""
          : `${shown.length} of ${plural(models.length, "model")}`}
      </p>
      {shown.length === 0 ? (
        <div className={classes.none}>
          <p>No model matches.</p>
          <Button variant="default" onClick={() => setParameters({}, { replace: true })}>
            Show all {models.length}
          </Button>
        </div>
      ) : (
        <>
          <ul className={classes.cards}>
            {first.map((model) => (
              <ModelCard key={model.id} model={model} scale={scale} />
            ))}
          </ul>
          {showMore}
        </>
      )}
    </>
  );
}
