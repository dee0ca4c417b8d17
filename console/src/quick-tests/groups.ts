import type { MetricsReport } from "@/api/schema";
import type { BarGroup } from "@/charts/IntervalBars";
import { inOrder, metricOf, said, saidRange } from "@/results/metrics";
import { baselineOf } from "@/results/verdict";
import { count } from "@/ui/format";

const ROWS = /_(repeat|new)$/;

/** Metrics to choose from in the chart: those that a baseline has too, over all purchases. */
export function families(results: MetricsReport): string[] {
  return inOrder(Object.keys(results.metrics)).filter(
    (name) =>
      !ROWS.test(name) &&
      Object.values(results.baselines).some((metrics) => metrics[name] !== undefined),
  );
}

/** The model and every baseline: over all purchases, and over repeated and new ones apart. */
export function barGroups(results: MetricsReport, metric: string): BarGroup[] {
  const { holdout_rows: rows, repeat_rows: repeats } = results.protocol;
  const known = typeof repeats === "number";
  const parts = [
    { name: metric, title: metricOf(metric).words, note: purchases(rows) },
    {
      name: `${metric}_repeat`,
      title: "Of products they had bought before",
      note: known ? purchases(repeats) : undefined,
    },
    {
      name: `${metric}_new`,
      title: "Of products that were new to them",
      note: known ? purchases(rows - repeats) : undefined,
    },
  ];
  return parts
    .filter(({ name }) => results.metrics[name] !== undefined)
    .map(({ name, title, note }) => ({
      title,
      note,
      bars: [
        {
          label: "This model",
          main: true,
          value: results.metrics[name] as number,
          interval: results.intervals?.[name],
          text: text(results, name),
        },
        ...Object.entries(results.baselines)
          .filter(([, metrics]) => metrics[name] !== undefined)
          .map(([baseline, metrics]) => ({
            label: baselineOf(baseline).label,
            value: metrics[name] as number,
            text: said(name, metrics[name]),
          })),
      ],
    }));
}

function text(results: MetricsReport, name: string): string {
  const interval = results.intervals?.[name];
  const value = said(name, results.metrics[name]);
  return interval ? `${value} (${saidRange(name, interval)})` : value;
}

function purchases(rows: number): string {
  return rows === 1 ? "1 purchase" : `${count(rows)} purchases`;
}
