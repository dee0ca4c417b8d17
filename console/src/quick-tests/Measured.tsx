import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { quickTests } from "@/api/quickTests";
import type { MetricsReport, QuickTest } from "@/api/schema";
import { IntervalBars } from "@/charts/IntervalBars";
import { LossCurve } from "@/charts/LossCurve";
import { metricOf } from "@/results/metrics";
import { baselineOf } from "@/results/verdict";
import { askedEpochs } from "@/results/words";
import { Section } from "@/ui/Section";
import { barGroups, families } from "./groups";
import classes from "./Measured.module.css";
import { MetricsTable } from "./MetricsTable";
import { Stages } from "./Progress";
import { Segments } from "./Segments";
import { UnderRules } from "./UnderRules";

/** The metrics as a chart and a table, and the training behind them. */
export function Measured({ test, results }: { test: QuickTest; results: MetricsReport }) {
  const choices = families(results);
  const { comparison } = test.status;
  const before = useQuery({
    ...quickTests.query(comparison?.quick_test_id ?? ""),
    enabled: Boolean(comparison),
  });
  const skipped = Object.entries(results.skipped ?? {}).map(
    ([name, reason]) => `${baselineOf(name).label} (${reason})`,
  );
  const [chosen, setChosen] = useState(choices[0] ?? "");
  return (
    <>
      <Section
        title="Compared with simple baselines"
        lead="Whiskers are 95% intervals, bootstrapped over customers. Repeat purchases and purchases of new products are shown separately: reminding and discovering are two tasks."
        actions={
          choices.length > 1 && (
            <SegmentedControl
              aria-label="Metric in the chart"
              size="xs"
              data={choices.map((name) => ({ value: name, label: metricOf(name).term }))}
              value={chosen}
              onChange={setChosen}
            />
          )
        }
      >
        {chosen && <IntervalBars groups={barGroups(results, chosen)} />}
      </Section>
      <Section
        title="All metrics"
        lead="▲ clearly better than the baseline, ▼ clearly worse, ≈ no clear difference."
      >
        <MetricsTable
          results={results}
          against={test.status.verdict?.against}
          previous={
            comparison
              ? {
                  name: comparison.name,
                  path: quickTests.path(comparison.quick_test_id),
                  metrics: before.data?.status.results?.metrics,
                }
              : undefined
          }
        />
        {skipped.length > 0 && <p>Not measured: {skipped.join("; ")}.</p>}
      </Section>
      {test.status.verdict?.rules && <UnderRules rules={test.status.verdict.rules} />}
      <Segments id={test.id} />
      <div className={classes.columns}>
        <Section title="Loss" lead="Per purchase, by epoch.">
          <LossCurve epochs={test.status.epochs} planned={askedEpochs(test.status.epochs).length} />
        </Section>
        <Section title="Duration by stage">
          <Stages test={test} now={Date.now()} />
        </Section>
      </div>
    </>
  );
}
