import { Button, Select, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { boundsOf, settingOf } from "@/api/catalogue";
import { datasets } from "@/api/datasets";
import { detailsOf } from "@/api/errors";
import { featureConfigs } from "@/api/featureConfigs";
import { modelConfigs } from "@/api/modelConfigs";
import type { FeatureConfig, ModelConfig } from "@/api/schema";
import { tuningForecastQuery, tunings } from "@/api/tunings";
import { AFTER_SAVING, UnsavedGuard } from "@/editing/UnsavedGuard";
import { useDraft } from "@/editing/useDraft";
import { useSave } from "@/editing/useSave";
import { rates } from "@/models/types";
import { Choice } from "@/quick-tests/Choice";
import { messageAt } from "@/quick-tests/draft";
import { EstimateFigures } from "@/quick-tests/Forecast";
import { Measuring } from "@/quick-tests/Measuring";
import { RatingColumn } from "@/quick-tests/RatingColumn";
import { about } from "@/results/words";
import { DeliberateForm } from "@/ui/DeliberateForm";
import { same } from "@/ui/diff";
import { Loaded } from "@/ui/Loaded";
import { Notice } from "@/ui/Notice";
import { NumberField } from "@/ui/NumberField";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import { type Draft, plain, specOf } from "./draft";
import classes from "./NewTuningPage.module.css";
import { SpaceEditor } from "./SpaceEditor";

/** `/tunings/new?features=ID&model=ID` */
export default function NewTuningPage() {
  const features = useQuery(featureConfigs.listQuery);
  const models = useQuery(modelConfigs.listQuery);
  return (
    <Page
      title="New tuning"
      lead="Trials search on a validation slice. The best is compared with your configs as they are, on purchases that no trial has seen."
      parent={{ label: "Tuning", to: "/tunings" }}
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
  const known = (all: { id: string }[], id: string | null) =>
    all.some((one) => one.id === id) ? id : null;
  const [initial] = useState<Draft>({
    ...plain(),
    feature_config_id: known(features, search.get("features")),
    model_config_id: known(models, search.get("model")),
  });
  const [name, setName] = useDraft("name", "");
  const [draft, setDraft] = useDraft("tuning", initial);
  const change = (part: Partial<Draft>): void => setDraft((before) => ({ ...before, ...part }));
  const sources = useQuery(datasets.listQuery).data;
  const chosen = features.find(({ id }) => id === draft.feature_config_id);
  const model = models.find(({ id }) => id === draft.model_config_id);
  const dataset = sources?.find(({ id }) => id === chosen?.spec.dataset_id);
  const rated = model !== undefined && rates(model.spec);
  const spec = specOf(draft, rated);
  const [asked] = useDebouncedValue(spec, 300);
  const forecast = useQuery(tuningForecastQuery(asked));
  const usual = useQuery(tuningForecastQuery(asked && { ...asked, space: null })).data?.space;
  const saving = useSave(tunings, {
    onSaved: (made) => navigate(tunings.path(made.id), AFTER_SAVING),
  });
  const told = spec ? forecast.data : undefined;
  const problems = told?.problems ?? [];
  const error = (path: string): string | undefined =>
    saving.errors[path] ?? messageAt(problems, path, "error");
  const named = (documents: { id: string; name: string }[]) =>
    documents.map(({ id, name: label }) => ({ value: id, label }));
  const fallback = chosen && model ? `${chosen.name} × ${model.name}` : "Tuning";
  const fault = forecast.error ?? saving.fault;
  const one = told?.estimate_of_one?.seconds.likely;

  return (
    <DeliberateForm
      className={classes.form}
      onSubmit={() => {
        if (spec) saving.save({ name: name.trim() || fallback, description: "", spec });
      }}
    >
      <UnsavedGuard when={name.trim() !== "" || !same(draft, initial)} />
      <div>
        <Section title="What to tune" lead="As they are, these are the default to be improved on.">
          <div className={classes.fields}>
            <Select
              label="Features"
              placeholder="Choose a feature config"
              data={named(features.filter(({ status }) => status.lifecycle !== "archived"))}
              value={draft.feature_config_id}
              onChange={(feature_config_id) => change({ feature_config_id, space: null })}
              error={error("spec.feature_config_id")}
              searchable
            />
            <Select
              label="Model"
              placeholder="Choose a model"
              data={named(models)}
              value={draft.model_config_id}
              onChange={(model_config_id) => change({ model_config_id, space: null })}
              error={error("spec.model_config_id")}
              searchable
            />
          </div>
          {rated && (
            <RatingColumn
              dataset={dataset}
              value={draft.rating_column ?? null}
              onChange={(rating_column) => change({ rating_column })}
              error={error("spec.rating_column")}
            />
          )}
        </Section>
        <Section
          title="What to search"
          lead="What these configs have, within the usual bounds. The fewer settings, the fewer trials it takes."
        >
          {spec && usual?.length ? (
            <SpaceEditor
              space={draft.space ?? null}
              usual={usual}
              onChange={(space) => change({ space })}
              error={error}
            />
          ) : (
            <p className={classes.quiet}>Choose features and a model first.</p>
          )}
          {error("spec.space") && <Notice tone="bad">{error("spec.space")}</Notice>}
        </Section>
        <Section title="Same in all trials">
          <div className={classes.fields}>
            <Choice
              setting={settingOf("tuning", "data_sample_percent")}
              unit="%"
              value={draft.data_sample_percent}
              onChange={(data_sample_percent) => change({ data_sample_percent })}
              error={error("spec.data_sample_percent")}
            />
            <Choice
              setting={settingOf("tuning", "epochs")}
              value={draft.epochs}
              onChange={(epochs) => change({ epochs })}
              error={error("spec.epochs")}
            />
            <Measuring
              value={{ split: draft.split, sample_by: draft.sample_by, seed: draft.seed }}
              change={change}
              error={error}
            />
          </div>
        </Section>
        <Section
          title="Budget"
          lead="Of all tests, those of the comparison in the end among them. What is under way is completed."
        >
          <div className={classes.range}>
            <Bound name="trials" {...{ draft, change, error }} />
            <Bound name="in_flight" {...{ draft, change, error }} />
            <Bound name="budget_minutes" {...{ draft, change, error }} />
            <Bound name="budget_usd" {...{ draft, change, error }} />
          </div>
        </Section>
      </div>
      <aside className={classes.side} aria-label="Before it starts">
        <div aria-live="polite">
          <span className={classes.count}>{draft.trials}</span> trials{" "}
          <span className={classes.quiet}>
            and a comparison
            {one !== undefined && `, ${about(one)} each`}
          </span>
        </div>
        <EstimateFigures estimate={told?.estimate} />
        {problems.map(({ path, code, message, level }) => (
          <Notice key={`${path} ${code} ${message}`} tone={level === "error" ? "bad" : "warning"}>
            {message}
          </Notice>
        ))}
        {fault && <Notice tone="bad">{detailsOf(fault)}</Notice>}
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
          disabled={!spec || told?.valid === false}
        >
          Start the tuning
        </Button>
      </aside>
    </DeliberateForm>
  );
}

interface BoundProps {
  name: "trials" | "in_flight" | "budget_minutes" | "budget_usd";
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  error: (path: string) => string | undefined;
}

/** A limit of the tuning; an empty one is none, where there need be none. */
function Bound({ name, draft, change, error }: BoundProps) {
  const setting = settingOf("tuning", name);
  const needed = setting.default !== null;
  return (
    <NumberField<number | null>
      label={setting.label}
      value={draft[name] ?? null}
      onChange={(value) => (value !== null || !needed) && change({ [name]: value })}
      empty={needed ? undefined : "no limit"}
      error={error(`spec.${name}`)}
      {...boundsOf(setting)}
    />
  );
}
