import type { MetricsReport } from "@/api/schema";
import type { BarGroup } from "@/charts/IntervalBars";
import { inOrder, metricOf, ROWS, said, saidRange } from "@/results/metrics";
import { baselineOf } from "@/results/verdict";
import { plural } from "@/ui/format";

/** Metrics to choose from in the chart: those that a baseline has too, over all purchases. */
export function families(results: MetricsReport): string[] {
  return inOrder(Object.keys(results.metrics)).filter(
    (name) =>
      !ROWS.test(name) &&
      Object.values(results.baselines).some((metrics) => metrics[name] !== undefined),
  );
}

/** The model and every baseline: over all purchases, over repeated and new ones apart, and in the
 * lists of products to buy again and to discover. */
export function barGroups(results: MetricsReport, metric: string): BarGroup[] {
  const { holdout_rows: rows, repeat_rows: repeats } = results.protocol;
  const known = typeof repeats === "number";
  const parts = [
    { name: metric, title: metricOf(metric).words, note: purchases(rows) },
    {
      name: `${metric}_repeat`,
      title: "Repeat purchases",
      note: known ? purchases(repeats) : undefined,
    },
    {
      name: `${metric}_new`,
      title: "Products new to the customer",
      note: known ? purchases(rows - repeats) : undefined,
    },
    {
      name: `${metric}_buy_again`,
      title: "The list “Buy again”",
      note: known ? purchases(repeats) : undefined,
    },
    {
      name: `${metric}_discover`,
      title: "The list “Discover”",
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
  return plural(rows, "purchase");
}
