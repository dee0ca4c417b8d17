import { Button, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconFlask, IconPlayerPlay } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { datasets } from "@/api/datasets";
import { ApiError, fieldErrors, messageOf } from "@/api/errors";
import { featureConfigs } from "@/api/featureConfigs";
import { modelConfigs } from "@/api/modelConfigs";
import { forecastQuery, quickTests, startQuickTest } from "@/api/quickTests";
import type { Dataset, FeatureConfig, ModelConfig, QuickTestSpec } from "@/api/schema";
import { AFTER_SAVING, UnsavedGuard } from "@/editing/UnsavedGuard";
import { useDraft } from "@/editing/useDraft";
import { useFixed } from "@/editing/useFixed";
import { useRequest } from "@/editing/useRequest";
import { rates } from "@/models/types";
import { DeliberateForm } from "@/ui/DeliberateForm";
import { same } from "@/ui/diff";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { FeatureChoice, ModelChoice } from "./ConfigChoice";
import { checksOf, type Draft, draftOf, messageAt, plain, specOf } from "./draft";
import { Checks, EstimateFigures } from "./Forecast";
import { RatingColumn } from "./RatingColumn";
import { RecentTests } from "./RecentTests";
import { Settings } from "./Settings";
import classes from "./StartPage.module.css";

interface Choices {
  features: FeatureConfig[];
  models: ModelConfig[];
  datasets: Dataset[];
}

/** `/tests/new?features=ID&model=ID`, or `?from=ID` for the settings of a test. */
export default function StartPage() {
  const [search] = useSearchParams();
  const from = search.get("from");
  const features = useQuery(featureConfigs.listQuery);
  const models = useQuery(modelConfigs.listQuery);
  const all = useQuery(datasets.listQuery);
  const earlier = useQuery({ ...quickTests.query(from ?? ""), enabled: from !== null });
  const ready =
    features.data && models.data && all.data && (from === null || earlier.data || earlier.error);
  const waiting = [features, models, all].find((query) => query.data === undefined) ?? features;

  return (
    <Page
      title={earlier.data ? `Change and test again: ${earlier.data.name}` : "Start a quick test"}
      heading={earlier.data ? "Change and test again" : undefined}
      lead={
        earlier.data
          ? `Starts from the settings of “${earlier.data.name}”. That test stays as it is.`
          : "Choose features and a model, and how much data and time to spend."
      }
      parent={{ label: "Quick tests", to: "/tests" }}
      wide
    >
      {ready ? (
        <Ready
          choices={{
            features: features.data ?? [],
            models: models.data ?? [],
            datasets: all.data ?? [],
          }}
          first={
            earlier.data
              ? draftOf(earlier.data)
              : {
                  ...plain(),
                  feature_config_id: known(features.data, search.get("features")),
                  model_config_id: known(models.data, search.get("model")),
                }
          }
        />
      ) : (
        <Loaded query={waiting as typeof features} skeleton={<Rows count={3} height={160} />}>
          {() => <Rows count={3} height={160} />}
        </Loaded>
      )}
    </Page>
  );
}

/** The one asked for; the only one, where there is no choice. */
function known(documents: { id: string }[] | undefined, id: string | null): string | null {
  if (documents?.some((document) => document.id === id)) return id;
  return documents?.length === 1 ? (documents[0]?.id ?? null) : null;
}

function Ready({ choices, first }: { choices: Choices; first: Draft }) {
  if (choices.features.length === 0 || choices.models.length === 0) {
    const features = choices.features.length === 0;
    return (
      <EmptyState
        icon={<IconFlask size={24} stroke={1.5} />}
        title={features ? "Create features first" : "Create a model first"}
        action={
          <Button component={Link} to={features ? "/features/new" : "/models/new"}>
            {features ? "New feature config" : "New model"}
          </Button>
        }
      >
        {features
          ? "A quick test needs features: which columns of a dataset describe customers, which describe products, and how they are transformed."
          : "A quick test needs a model: the two towers that are trained on your features. A preset is a good start."}
      </EmptyState>
    );
  }
  return <Form choices={choices} first={first} />;
}

function Form({ choices, first }: { choices: Choices; first: Draft }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [initial] = useState(first);
  const [draft, setDraft] = useDraft("test", initial);
  const [name, setName] = useDraft("name", "");
  useFixed<QuickTestSpec>((fixed) => setDraft(draftOf({ spec: fixed })));
  const change = (part: Partial<Draft>): void => {
    setDraft((before) => ({ ...before, ...part }));
    start.reset();
  };
  const features = choices.features.find(({ id }) => id === draft.feature_config_id);
  const model = choices.models.find(({ id }) => id === draft.model_config_id);
  const dataset = choices.datasets.find(({ id }) => id === features?.spec.dataset_id);
  const rated = model !== undefined && rates(model.spec);

  const spec = specOf(draft, model);
  const [asked] = useDebouncedValue(spec, 250);
  const forecast = useQuery(forecastQuery(asked));
  const problems = spec ? (forecast.data?.problems ?? null) : null;
  const start = useRequest({
    send: (asked: { spec: QuickTestSpec; name: string | null }, key) =>
      startQuickTest(asked.spec, asked.name, key),
    onSuccess: (test) => {
      client.setQueryData(quickTests.query(test.id).queryKey, test);
      void client.invalidateQueries({ queryKey: [quickTests.key, "list"] });
      return navigate(quickTests.path(test.id), AFTER_SAVING);
    },
  });
  const refused = fieldErrors(start.error);
  const error = (path: string): string | undefined =>
    refused[path] ?? (problems ? messageAt(problems, path, "error") : undefined);
  const warning = (path: string): string | undefined =>
    problems ? messageAt(problems, path, "warning") : undefined;
  const refusal =
    start.error && !(start.error instanceof ApiError && start.error.fields.length)
      ? messageOf(start.error)
      : null;

  return (
    <DeliberateForm
      className={classes.form}
      onSubmit={() => {
        if (spec) start.send({ spec, name: name.trim() || null });
      }}
    >
      <UnsavedGuard when={name.trim() !== "" || !same(draft, initial)} />
      <div className={classes.main}>
        <section aria-labelledby="what">
          <h2 id="what" className={classes.step}>
            What to test
          </h2>
          <div className={classes.configs}>
            <FeatureChoice
              all={choices.features}
              datasets={choices.datasets}
              chosen={features}
              onChange={(feature_config_id) =>
                change({ feature_config_id, leave_out: [], segment_columns: [] })
              }
              error={error("spec.feature_config_id")}
            />
            <ModelChoice
              all={choices.models}
              chosen={model}
              onChange={(model_config_id) => change({ model_config_id })}
              error={error("spec.model_config_id")}
            />
          </div>
          {rated && (
            <RatingColumn
              dataset={dataset}
              value={draft.rating_column ?? null}
              onChange={(rating_column) => change({ rating_column })}
              error={error("spec.rating_column")}
              warning={warning("spec.rating_column")}
            />
          )}
        </section>
        <section aria-labelledby="how">
          <h2 id="how" className={classes.step}>
            How to test it
          </h2>
          <Settings
            {...{ draft, change, features, model, error, warning }}
            splitting={forecast.data?.segment_columns ?? []}
          />
          <TextInput
            label="Name"
            placeholder={
              features && model ? `${features.name} × ${model.name}` : "Features × Model"
            }
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={255}
            mt="lg"
            error={refused.name}
          />
        </section>
        <RecentTests features={draft.feature_config_id} model={draft.model_config_id} />
      </div>
      <aside className={classes.side} aria-label="Before it starts">
        <EstimateFigures estimate={spec ? forecast.data?.estimate : null} />
        {spec && forecast.data?.tells_apart && <Notice>{forecast.data.tells_apart}</Notice>}
        <Checks checks={checksOf(draft, problems, rated)} />
        {forecast.error && <Notice tone="warning">{messageOf(forecast.error)}</Notice>}
        {refusal && <Notice tone="bad">{refusal}</Notice>}
        <Button
          type="submit"
          size="md"
          fullWidth
          leftSection={<IconPlayerPlay size={17} />}
          loading={start.sending}
          disabled={!spec || forecast.data?.valid === false}
        >
          Start the test
        </Button>
        <div className={classes.shows}>
          <h3>What it tells you</h3>
          <ul>
            <li>whether the features can be computed, and the out-of-vocabulary rate of each</li>
            <li>whether the model trains without errors</li>
            <li>how often it finds what customers bought next, compared with simple baselines</li>
            <li>what it recommends</li>
          </ul>
          <p>
            A sample shows the direction. For reliable numbers, and a model to use, run a full
            training afterwards.
          </p>
        </div>
      </aside>
    </DeliberateForm>
  );
}
