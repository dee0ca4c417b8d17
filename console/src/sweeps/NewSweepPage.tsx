import { Button, MultiSelect, NumberInput, SegmentedControl, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { datasets } from "@/api/datasets";
import { featureConfigs } from "@/api/featureConfigs";
import { modelConfigs } from "@/api/modelConfigs";
import type { FeatureConfig, ModelConfig } from "@/api/schema";
import { sweepForecastQuery, sweeps } from "@/api/sweeps";
import { AFTER_SAVING, UnsavedGuard } from "@/editing/UnsavedGuard";
import { useDraft } from "@/editing/useDraft";
import { useSave } from "@/editing/useSave";
import { Choice } from "@/quick-tests/Choice";
import { messageAt } from "@/quick-tests/draft";
import { Measuring } from "@/quick-tests/Measuring";
import { RatingColumn } from "@/quick-tests/RatingColumn";
import { same } from "@/ui/diff";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import { Term } from "@/ui/Term";
import { type Draft, PLAIN, specOf } from "./draft";
import classes from "./NewSweepPage.module.css";
import { Numbers } from "./Numbers";
import { SweepForecast } from "./SweepForecast";

/** `/sweeps/new?features=ID&model=ID&ablation=1` */
export default function NewSweepPage() {
  const features = useQuery(featureConfigs.listQuery);
  const models = useQuery(modelConfigs.listQuery);
  return (
    <Page
      title="New sweep"
      lead="Choose what to vary. Everything else is the same in all of its tests, so that they can be ranked."
      parent={{ label: "Sweeps", to: "/sweeps" }}
      wide
    >
      <Loaded query={features} skeleton={<Rows count={3} height={160} />}>
        {(all) => (
          <Loaded query={models} skeleton={<Rows count={3} height={160} />}>
            {(others) => <Form features={all} models={others} />}
          </Loaded>
        )}
      </Loaded>
    </Page>
  );
}

function Form({ features, models }: { features: FeatureConfig[]; models: ModelConfig[] }) {
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const [initial] = useState<Draft>({
    ...PLAIN,
    ablation: search.has("ablation"),
    features: features.filter(({ id }) => id === search.get("features")).map(({ id }) => id),
    models: models.filter(({ id }) => id === search.get("model")).map(({ id }) => id),
  });
  const [name, setName] = useDraft("name", "");
  const [draft, setDraft] = useDraft("sweep", initial);
  const change = (part: Partial<Draft>): void => setDraft((before) => ({ ...before, ...part }));
  const sources = useQuery(datasets.listQuery).data;
  const first = features.find(({ id }) => id === draft.features[0]);
  const dataset = sources?.find(({ id }) => id === first?.spec.dataset_id);
  const rates = models.some(
    ({ id, spec }) => draft.models.includes(id) && spec.model_type !== "retrieval",
  );
  const spec = specOf(draft, rates);
  const [asked] = useDebouncedValue(spec, 300);
  const forecast = useQuery(sweepForecastQuery(asked));
  const saving = useSave(sweeps, {
    onSaved: (made) => void navigate(sweeps.path(made.id), AFTER_SAVING),
  });
  const problems = spec ? (forecast.data?.problems ?? []) : [];
  const error = (path: string): string | undefined =>
    saving.errors[path] ?? messageAt(problems, path, "error");
  const named = (documents: { id: string; name: string }[]) =>
    documents.map(({ id, name: label }) => ({ value: id, label }));
  const fallback = draft.ablation ? `What each column of ${first?.name ?? "…"} is worth` : "Sweep";

  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (spec) saving.save({ name: name.trim() || fallback, description: "", spec });
      }}
    >
      <UnsavedGuard when={name.trim() !== "" || !same(draft, initial)} />
      <div>
        <SegmentedControl
          aria-label="Kind of sweep"
          mb="lg"
          data={[
            { value: "grid", label: "Try combinations" },
            { value: "ablation", label: "What is each column worth?" },
          ]}
          value={draft.ablation ? "ablation" : "grid"}
          onChange={(kind) => change({ ablation: kind === "ablation" })}
        />
        <Section
          title="What to vary"
          lead={
            draft.ablation
              ? "One test with all columns, and one without each of them."
              : "A test for every combination. Leave a row empty to take what each model says."
          }
        >
          <div className={classes.fields}>
            <MultiSelect
              label="Features"
              placeholder={draft.features.length ? "" : "Choose one or more"}
              data={named(features.filter(({ status }) => status.lifecycle !== "archived"))}
              value={draft.features}
              onChange={(ids) => change({ features: ids })}
              error={error("spec.feature_config_ids")}
              searchable
            />
            <MultiSelect
              label="Models"
              placeholder={draft.models.length ? "" : "Choose one or more"}
              data={named(models)}
              value={draft.models}
              onChange={(ids) => change({ models: ids })}
              error={error("spec.model_config_ids")}
              searchable
            />
            {!draft.ablation && (
              <>
                <Numbers
                  label={<Term term="learning rate">Sizes of a step</Term>}
                  example="0.001, 0.01"
                  value={draft.learningRates}
                  onChange={(learningRates) => change({ learningRates })}
                />
                <Numbers
                  label={<Term term="batch size">Purchases per step</Term>}
                  example="256, 512"
                  value={draft.batchSizes}
                  onChange={(batchSizes) => change({ batchSizes })}
                />
                <Numbers
                  label={<Term term="epochs">How often the data is gone through</Term>}
                  example="1, 2, 3"
                  value={draft.epochsTried}
                  onChange={(epochsTried) => change({ epochsTried })}
                />
                <Numbers
                  label={<Term term="training seed">Chance of the training</Term>}
                  example="1, 2, 3"
                  value={draft.seeds}
                  zero
                  onChange={(seeds) => change({ seeds })}
                />
              </>
            )}
          </div>
          {rates && (
            <RatingColumn
              dataset={dataset}
              value={draft.ratingColumn}
              onChange={(ratingColumn) => change({ ratingColumn })}
              error={error("spec.rating_column")}
            />
          )}
        </Section>
        <Section title="The same in all tests">
          <div className={classes.fields}>
            <Choice
              label={<Term term="data_sample_percent">How much of the data</Term>}
              name="How much of the data"
              options={[5, 10, 25, 100]}
              unit=" %"
              value={draft.percent}
              onChange={(percent) => change({ percent })}
              min={0.01}
              max={100}
              error={error("spec.data_sample_percent")}
            />
            {(draft.ablation || draft.epochsTried.length === 0) && (
              <Choice
                label={<Term term="epochs">How often it is gone through</Term>}
                name="Epochs"
                options={[1, 2, 3]}
                value={draft.epochs}
                onChange={(epochs) => change({ epochs })}
                min={1}
                max={100}
                integer
                error={error("spec.epochs")}
              />
            )}
            <Measuring
              value={draft.measured}
              change={(part) => change({ measured: { ...draft.measured, ...part } })}
              error={error}
            />
          </div>
        </Section>
        <Section
          title="Bounds"
          lead="Once the budget is spent, no further test is started; those under way go on to their end."
        >
          <div className={classes.bounds}>
            <NumberInput
              label={<Term term="max_tests">At most so many tests</Term>}
              value={draft.maxTests}
              onChange={(value) => typeof value === "number" && change({ maxTests: value })}
              min={1}
              max={50}
              error={error("spec.max_tests")}
            />
            <NumberInput
              label={<Term term="in_flight">At the same time</Term>}
              value={draft.inFlight}
              onChange={(value) => typeof value === "number" && change({ inFlight: value })}
              min={1}
              max={10}
            />
            <NumberInput
              label={<Term term="budget_minutes">Minutes of work</Term>}
              placeholder="no bound"
              value={draft.budgetMinutes ?? ""}
              onChange={(value) =>
                change({ budgetMinutes: typeof value === "number" && value > 0 ? value : null })
              }
              min={0}
            />
            <NumberInput
              label={<Term term="budget_usd">Cost</Term>}
              placeholder="no bound"
              prefix="$"
              value={draft.budgetUsd ?? ""}
              onChange={(value) =>
                change({ budgetUsd: typeof value === "number" && value > 0 ? value : null })
              }
              min={0}
            />
          </div>
        </Section>
      </div>
      <aside className={classes.side} aria-label="Before it starts">
        <SweepForecast
          forecast={spec ? forecast.data : undefined}
          most={draft.maxTests}
          fault={forecast.error ?? saving.fault}
        />
        <TextInput
          label="Name"
          placeholder={fallback}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={saving.errors.name}
          maxLength={255}
        />
        <Button
          type="submit"
          size="md"
          loading={saving.saving}
          disabled={!spec || forecast.data?.valid === false}
        >
          Start the sweep
        </Button>
      </aside>
    </form>
  );
}
