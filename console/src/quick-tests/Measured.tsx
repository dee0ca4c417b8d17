import { SegmentedControl } from "@mantine/core";
import { useState } from "react";
import type { MetricsReport, QuickTest } from "@/api/schema";
import { IntervalBars } from "@/charts/IntervalBars";
import { LossCurve } from "@/charts/LossCurve";
import { metricOf } from "@/results/metrics";
import { Section } from "@/ui/Section";
import { barGroups, families } from "./groups";
import classes from "./Measured.module.css";
import { MetricsTable } from "./MetricsTable";
import { Stages } from "./Progress";

/** The metrics as a chart and a table, and the training behind them. */
export function Measured({ test, results }: { test: QuickTest; results: MetricsReport }) {
  const choices = families(results);
  const [chosen, setChosen] = useState(choices[0] ?? "");
  return (
    <>
      <Section
        title="Beside what needs no model"
        lead="Whiskers are 95 % intervals, from drawing the customers anew: they say how much is chance. Purchases of products that the customer had before, and of new ones, are told apart, as reminding and discovering are two tasks."
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
        <MetricsTable results={results} />
      </Section>
      <div className={classes.columns}>
        <Section title="Loss" lead="Per purchase, as training went on.">
          <LossCurve epochs={test.status.epochs} planned={test.status.epochs.length} />
        </Section>
        <Section title="Where the time went">
          <Stages test={test} now={Date.now()} />
        </Section>
      </div>
    </>
  );
}
