import { Anchor, Button, Skeleton } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { datasets } from "@/api/datasets";
import { featureConfigs } from "@/api/featureConfigs";
import { modelConfigs } from "@/api/modelConfigs";
import { quickTests } from "@/api/quickTests";
import type { QuickTest } from "@/api/schema";
import { SECTIONS } from "@/app/sections";
import { testState } from "@/quick-tests/stages";
import { ago, percent, plural } from "@/ui/format";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { Section } from "@/ui/Section";
import { StatusBadge } from "@/ui/StatusBadge";
import classes from "./HomePage.module.css";

const RECENT = 6;

/** Where one stands: the four steps to a tested model, and what has been tested lately. */
export default function HomePage() {
  const sets = useQuery(datasets.listQuery);
  const features = useQuery(featureConfigs.listQuery);
  const models = useQuery(modelConfigs.listQuery);
  const tests = useQuery(quickTests.listQuery);
  const counts = [sets, features, models, tests].map(({ data }) => data?.length);
  const loading = counts.some((count) => count === undefined);
  const unreachable = [sets, features, models, tests].find(({ error }) => error)?.error;

  const steps = [
    {
      title: "Add your purchases",
      text: "A table that says who bought what, and when.",
      done: (count: number) => plural(count, "dataset"),
      to: "/datasets",
      make: "/datasets/new",
      verb: "Add a dataset",
    },
    {
      title: "Choose the features",
      text: "Which columns describe customers, which describe products.",
      done: (count: number) => plural(count, "feature config"),
      to: "/features",
      make: "/features/new",
      verb: "Choose features",
    },
    {
      title: "Choose a model",
      text: "How large its two towers are and how it is trained. A preset will do.",
      done: (count: number) => plural(count, "model config"),
      to: "/models",
      make: "/models/new",
      verb: "Choose a model",
    },
    {
      title: "Test them together",
      text: "Minutes on a sample: how many of the held-out purchases does it find?",
      done: (count: number) => plural(count, "quick test"),
      to: "/tests",
      make: "/tests/new",
      verb: "Start a quick test",
    },
  ].filter(({ to }) => SECTIONS.some(({ path }) => path === to));
  const next = steps.findIndex((_, place) => !counts[place]);

  return (
    <Page
      title="Recsmith"
      lead="From purchases to recommendations: choose what the model gets to know and how large it is, test it on a sample, and keep what works."
    >
      {unreachable && <Notice tone="bad">{unreachable.message}</Notice>}
      <ol className={classes.steps}>
        {steps.map((step, place) => {
          const count = counts[place];
          return (
            <li key={step.to} className={classes.step} data-next={place === next || undefined}>
              <span className={classes.mark} data-done={count ? true : undefined}>
                {count ? <IconCheck size={15} aria-label="done" /> : place + 1}
              </span>
              <div className={classes.what}>
                <div className={classes.title}>{step.title}</div>
                <div className={classes.text}>{step.text}</div>
                <div className={classes.count}>
                  {count === undefined ? (
                    <Skeleton height={14} width={90} mt={6} />
                  ) : count > 0 ? (
                    <Anchor component={Link} to={step.to} inherit>
                      {step.done(count)}
                    </Anchor>
                  ) : (
                    "none yet"
                  )}
                </div>
              </div>
              <Button
                component={Link}
                to={step.make}
                size="xs"
                variant={!loading && place === next ? "filled" : "default"}
              >
                {step.verb}
              </Button>
            </li>
          );
        })}
      </ol>
      {tests.data && tests.data.length > 0 && (
        <Section title="Latest quick tests">
          <ul className={classes.tests}>
            {tests.data.slice(0, RECENT).map((test) => (
              <Recent key={test.id} test={test} />
            ))}
          </ul>
        </Section>
      )}
    </Page>
  );
}

function Recent({ test }: { test: QuickTest }) {
  const { state, progress, results } = test.status;
  const { tone, label } = testState(state);
  const metrics = results?.metrics;
  return (
    <li className={classes.test}>
      <Link to={quickTests.path(test.id)} className={classes.name}>
        {test.name}
      </Link>
      <StatusBadge tone={tone}>
        {state === "running" ? `${label}, ${progress} %` : label}
      </StatusBadge>
      <span className={classes.metric}>
        {metrics?.recall_at_100 !== undefined
          ? `${percent(metrics.recall_at_100)} recall@100`
          : metrics?.rmse !== undefined
            ? `${metrics.rmse.toFixed(3)} RMSE`
            : ""}
      </span>
      <span className={classes.when}>{ago(test.created_at)}</span>
    </li>
  );
}
