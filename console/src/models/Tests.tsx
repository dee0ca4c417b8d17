import { Anchor, Button } from "@mantine/core";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { answer, api, everyPage } from "@/api/client";
import { featureConfigs } from "@/api/featureConfigs";
import { ended, quickTests } from "@/api/quickTests";
import type { ModelConfig, QuickTest } from "@/api/schema";
import { ago, duration, moment, NONE, number, percent } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import { StatusBadge, type Tone } from "@/ui/StatusBadge";
import { rates, retrieves } from "./draft";
import classes from "./Tests.module.css";

const TONES: Record<QuickTest["status"]["state"], Tone> = {
  pending: "waiting",
  running: "running",
  completed: "good",
  failed: "bad",
  cancelled: "quiet",
};

function testsOf(id: string) {
  return queryOptions({
    queryKey: ["quick-tests", "of-model", id],
    queryFn: ({ signal }) =>
      everyPage((page_token) =>
        answer(
          api.GET("/api/model-configs/{model_config_id}/quick-tests/", {
            params: { path: { model_config_id: id }, query: { limit: 200, page_token } },
            signal,
          }),
        ),
      ),
    refetchInterval: (query) => (query.state.data?.every(ended) === false ? 2_000 : 30_000),
  });
}

/** The quick tests of a model. */
export function Tests({ model }: { model: ModelConfig }) {
  const query = useQuery(testsOf(model.id));
  return (
    <Section title="Quick tests" lead="What this model did with features, latest first.">
      <Loaded query={query} skeleton={<Rows count={2} height={40} />}>
        {(tests) => (tests.length ? <Table model={model} tests={tests} /> : <None model={model} />)}
      </Loaded>
    </Section>
  );
}

function None({ model }: { model: ModelConfig }) {
  return (
    <div className={classes.none}>
      It has not been tested. A quick test trains it on a sample and says how well it does.
      <Button
        component={Link}
        to={`/tests/new?model=${model.id}`}
        size="compact-sm"
        variant="default"
      >
        Test it
      </Button>
    </div>
  );
}

function Table({ model, tests }: { model: ModelConfig; tests: QuickTest[] }) {
  const features = useQuery(featureConfigs.listQuery);
  const nameOf = (id: string) => features.data?.find((config) => config.id === id)?.name ?? id;
  const { spec } = model;
  return (
    <section
      className={classes.scroll}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
      tabIndex={0}
      aria-label="Quick tests of this model"
    >
      <table className={classes.tests}>
        <thead>
          <tr>
            <th scope="col">Test</th>
            <th scope="col">State</th>
            <th scope="col">Features</th>
            <th scope="col" className={classes.number}>
              Version
            </th>
            {retrieves(spec) && (
              <th scope="col" className={classes.number}>
                Recall@100
              </th>
            )}
            {rates(spec) && (
              <th scope="col" className={classes.number}>
                RMSE
              </th>
            )}
            <th scope="col" className={classes.number}>
              Took
            </th>
            <th scope="col">Started</th>
          </tr>
        </thead>
        <tbody>
          {tests.map((test) => {
            const { state, results, pinned, duration_seconds } = test.status;
            return (
              <tr key={test.id}>
                <th scope="row">
                  <Anchor component={Link} to={quickTests.path(test.id)} inherit>
                    {test.name || "Quick test"}
                  </Anchor>
                </th>
                <td>
                  <StatusBadge tone={TONES[state]}>{state}</StatusBadge>
                </td>
                <td>{nameOf(test.spec.feature_config_id)}</td>
                <td className={classes.number}>{pinned?.model_config_revision ?? NONE}</td>
                {retrieves(spec) && (
                  <td className={classes.number}>{percent(results?.metrics.recall_at_100)}</td>
                )}
                {rates(spec) && <td className={classes.number}>{number(results?.metrics.rmse)}</td>}
                <td className={classes.number}>{duration(duration_seconds)}</td>
                <td title={moment(test.created_at)}>{ago(test.created_at)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
