import { Anchor, Button, Skeleton } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { datasets } from "@/api/datasets";
import { detailsOf } from "@/api/errors";
import { featureConfigs } from "@/api/featureConfigs";
import { modelConfigs } from "@/api/modelConfigs";
import { quickTests } from "@/api/quickTests";
import type { QuickTestSummary } from "@/api/schema";
import { SECTIONS } from "@/app/sections";
import { testState } from "@/quick-tests/stages";
import { metricOf, said } from "@/results/metrics";
import { headline, STANDING_TONE } from "@/results/verdict";
import { ago, percentage, plural } from "@/ui/format";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { Section } from "@/ui/Section";
import { StatusBadge } from "@/ui/StatusBadge";
import classes from "./HomePage.module.css";
import { NextStep } from "./NextStep";

const RECENT = 6;

/** Where one stands: the four steps to a tested model, and what has been tested lately. */
export default function HomePage() {
  const sets = useQuery(datasets.listQuery);
  const features = useQuery(featureConfigs.listQuery);
  const models = useQuery(modelConfigs.listQuery);
  const tests = useQuery(quickTests.listQuery);
  const counts = [sets, features, models, tests].map(({ data }) => data?.length);
  const loading = counts.some((count) => count === undefined);
  const all = [sets, features, models, tests];
  const unread = all.find(({ error, data }) => error && data === undefined);
  const readAgain = () => {
    for (const query of all) if (query.error) void query.refetch();
  };

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
      title: "Choose features",
      text: "Which columns describe customers, which describe products.",
      done: (count: number) => plural(count, "feature config"),
      to: "/features",
      make: "/features/new",
      verb: "Choose features",
    },
    {
      title: "Choose a model",
      text: "The architecture of its two towers and how it is trained. A preset will do.",
      done: (count: number) => plural(count, "model config"),
      to: "/models",
      make: "/models/new",
      verb: "Choose a model",
    },
    {
      title: "Test them together",
      text: "Minutes on a sample: how many of the held-out purchases does the model find?",
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
      lead="From purchases to recommendations: choose features and a model, test them on a sample, and keep what works."
    >
      {unread && (
        <Notice
          tone="bad"
          title="This could not be loaded."
          action={
            <Button
              size="compact-sm"
              variant="default"
              loading={all.some(({ isFetching }) => isFetching)}
              onClick={readAgain}
            >
              Try again
            </Button>
          }
        >
          {detailsOf(unread.error)}
        </Notice>
      )}
      {next === -1 && tests.data && <NextStep tests={tests.data} />}
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
                  {count === undefined && all[place]?.error ? (
                    "not known"
                  ) : count === undefined ? (
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
                variant={!loading && place === next ? "filled" : "subtle"}
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

function Recent({ test }: { test: QuickTestSummary }) {
  const { state, progress, verdict } = test.status;
  const { tone, label } = verdict
    ? { tone: STANDING_TONE[verdict.standing], label: verdict.label }
    : testState(state);
  const found = headline(test);
  return (
    <li className={classes.test}>
      <Link to={quickTests.path(test.id)} className={classes.name} title={test.name}>
        {test.name}
      </Link>
      <StatusBadge tone={tone}>
        {state === "running" ? `${label}, ${percentage(progress)}` : label}
      </StatusBadge>
      <span className={classes.metric}>
        {found && `${said(found.metric, found.value)} ${metricOf(found.metric).term}`}
      </span>
      <span className={classes.when}>{ago(test.created_at)}</span>
    </li>
  );
}
