import { Button, MultiSelect, SegmentedControl, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { boundsOf, settingOf } from "@/api/catalogue";
import { datasets } from "@/api/datasets";
import { featureConfigs } from "@/api/featureConfigs";
import { modelConfigs } from "@/api/modelConfigs";
import type { FeatureConfig, ModelConfig } from "@/api/schema";
import { sweepForecastQuery, sweeps } from "@/api/sweeps";
import { AFTER_SAVING, UnsavedGuard } from "@/editing/UnsavedGuard";
import { useDraft } from "@/editing/useDraft";
import { useSave } from "@/editing/useSave";
import { rates } from "@/models/types";
import { Choice } from "@/quick-tests/Choice";
import { messageAt } from "@/quick-tests/draft";
import { Measuring } from "@/quick-tests/Measuring";
import { RatingColumn } from "@/quick-tests/RatingColumn";
import { DeliberateForm } from "@/ui/DeliberateForm";
import { same } from "@/ui/diff";
import { Loaded } from "@/ui/Loaded";
import { NumberField } from "@/ui/NumberField";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import { type Draft, plain, specOf } from "./draft";
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
      lead="Choose what to vary. Everything else is the same in all tests, so that they can be ranked."
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
    ...plain(),
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
  const rated = models.some((model) => draft.models.includes(model.id) && rates(model.spec));
  const spec = specOf(draft, rated);
  const [asked] = useDebouncedValue(spec, 300);
  const forecast = useQuery(sweepForecastQuery(asked));
  const saving = useSave(sweeps, {
    onSaved: (made) => navigate(sweeps.path(made.id), AFTER_SAVING),
  });
  const problems = spec ? (forecast.data?.problems ?? []) : [];
  const error = (path: string): string | undefined =>
    saving.errors[path] ?? messageAt(problems, path, "error");
  const named = (documents: { id: string; name: string }[]) =>
    documents.map(({ id, name: label }) => ({ value: id, label }));
  const fallback = draft.ablation ? `What each column of ${first?.name ?? "…"} is worth` : "Sweep";

  return (
    <DeliberateForm
      className={classes.form}
      onSubmit={() => {
        if (spec) saving.save({ name: name.trim() || fallback, description: "", spec });
      }}
    >
      <UnsavedGuard when={name.trim() !== "" || !same(draft, initial)} />
      <div>
        <SegmentedControl
          aria-label="Kind of sweep"
          mb="lg"
          data={[
            { value: "grid", label: "Grid" },
            { value: "ablation", label: "Ablation of columns" },
          ]}
          value={draft.ablation ? "ablation" : "grid"}
          onChange={(kind) => change({ ablation: kind === "ablation" })}
        />
        <Section
          title="What to vary"
          lead={
            draft.ablation
              ? "One test with all columns, and one for each column that leaves it out."
              : "A test for every combination. Leave a setting empty to keep the model's."
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
                  setting={settingOf("quick_test", "learning_rate_override")}
                  value={draft.learningRates}
                  onChange={(learningRates) => change({ learningRates })}
                />
                <Numbers
                  setting={settingOf("quick_test", "batch_size_override")}
                  value={draft.batchSizes}
                  onChange={(batchSizes) => change({ batchSizes })}
                />
                <Numbers
                  setting={settingOf("quick_test", "epochs")}
                  value={draft.epochsTried}
                  onChange={(epochsTried) => change({ epochsTried })}
                />
                <Numbers
                  setting={settingOf("quick_test", "training_seed")}
                  value={draft.seeds}
                  onChange={(seeds) => change({ seeds })}
                />
              </>
            )}
          </div>
          {rated && (
            <RatingColumn
              dataset={dataset}
              value={draft.ratingColumn}
              onChange={(ratingColumn) => change({ ratingColumn })}
              error={error("spec.rating_column")}
            />
          )}
        </Section>
        <Section title="Same in all tests">
          <div className={classes.fields}>
            <Choice
              setting={settingOf("sweep", "data_sample_percent")}
              unit="%"
              value={draft.percent}
              onChange={(percent) => change({ percent })}
              error={error("spec.data_sample_percent")}
            />
            {(draft.ablation || draft.epochsTried.length === 0) && (
              <Choice
                setting={settingOf("sweep", "epochs")}
                value={draft.epochs}
                onChange={(epochs) => change({ epochs })}
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
          title="Limits"
          lead="Once the budget is spent, no more tests are started; running ones are completed."
        >
          <div className={classes.bounds}>
            <Bound
              name="max_tests"
              value={draft.maxTests}
              onChange={(value) => value !== null && change({ maxTests: value })}
              error={error("spec.max_tests")}
            />
            <Bound
              name="in_flight"
              value={draft.inFlight}
              onChange={(value) => value !== null && change({ inFlight: value })}
              error={error("spec.in_flight")}
            />
            <Bound
              name="budget_minutes"
              value={draft.budgetMinutes}
              onChange={(budgetMinutes) => change({ budgetMinutes })}
              error={error("spec.budget_minutes")}
            />
            <Bound
              name="budget_usd"
              value={draft.budgetUsd}
              onChange={(budgetUsd) => change({ budgetUsd })}
              error={error("spec.budget_usd")}
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
    </DeliberateForm>
  );
}

interface BoundProps {
  name: "max_tests" | "in_flight" | "budget_minutes" | "budget_usd";
  value: number | null;
  onChange: (value: number | null) => void;
  error: string | undefined;
}

/** A limit of the sweep; an empty one is none, where there need be none. */
function Bound({ name, value, onChange, error }: BoundProps) {
  const setting = settingOf("sweep", name);
  return (
    <NumberField<number | null>
      label={setting.label}
      value={value}
      onChange={onChange}
      empty={setting.default === null ? "no limit" : undefined}
      error={error}
      {...boundsOf(setting)}
    />
  );
}
