import { Anchor } from "@mantine/core";
import { Link } from "react-router";
import type { MetricsReport, TestVerdict } from "@/api/schema";
import { inOrder, mainMetric, metricOf, said, saidRange } from "@/results/metrics";
import { VerdictSign } from "@/results/VerdictSign";
import { baselineOf, type Verdict } from "@/results/verdict";
import table from "@/ui/table.module.css";
import { Wide } from "@/ui/Wide";
import classes from "./MetricsTable.module.css";

interface Props {
  results: MetricsReport;
  /** Verdicts by baseline and metric. */
  against: TestVerdict["against"] | undefined;
  /** The best comparable test before it. */
  previous?: { name: string; path: string; metrics: Record<string, number> | undefined };
}

/** Every metric with its interval, beside the baselines and the best test before. */
export function MetricsTable({ results, against, previous }: Props) {
  const names = inOrder(Object.keys(results.metrics));
  // Each list, and ratings, apart: in one table, half of the cells would be empty.
  const parts = new Map<string, string[]>();
  for (const name of names) {
    const { rating, list } = metricOf(name);
    const title = rating ? "Ratings" : list || "Recommendations";
    parts.set(title, [...(parts.get(title) ?? []), name]);
  }
  return (
    <div className={classes.tables}>
      {[...parts].map(([title, part]) => (
        <Part
          key={title}
          title={parts.size > 1 ? title : "Metric"}
          names={part}
          results={results}
          against={against}
          previous={previous}
        />
      ))}
    </div>
  );
}

function Part({
  title,
  names,
  results,
  against,
  previous,
}: Props & { title: string; names: string[] }) {
  const main = mainMetric(results.metrics);
  const baselines = Object.keys(results.baselines).filter((baseline) =>
    names.some((name) => results.baselines[baseline]?.[name] !== undefined),
  );
  return (
    <Wide label={title === "Metric" ? "Metrics" : `Metrics of ${title.toLowerCase()}`}>
      <table className={`${table.table} ${classes.metrics}`}>
        <thead>
          <tr>
            <th scope="col">{title}</th>
            <th scope="col" className={table.number}>
              This model
            </th>
            <th scope="col" className={table.number}>
              95% interval
            </th>
            {baselines.map((name) => (
              <th key={name} scope="col" className={table.number} title={baselineOf(name).doing}>
                {baselineOf(name).label}
              </th>
            ))}
            {previous && (
              <th scope="col" className={table.number}>
                <Anchor component={Link} to={previous.path} title={previous.name} inherit>
                  Previous best
                </Anchor>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {names.map((name) => {
            const { words, term, lowerIsBetter } = metricOf(name);
            return (
              <tr key={name} className={name === main ? table.main : undefined}>
                <th scope="row">
                  {words} <span className={classes.term}>{term.split(",")[0]}</span>
                  {lowerIsBetter && <span className={classes.term}> (lower is better)</span>}
                </th>
                <td className={table.number}>{said(name, results.metrics[name])}</td>
                <td className={table.number}>{saidRange(name, results.intervals?.[name])}</td>
                {baselines.map((baseline) => (
                  <Baseline
                    key={baseline}
                    results={results}
                    verdict={against?.[baseline]?.[name]}
                    name={name}
                    baseline={baseline}
                  />
                ))}
                {previous && (
                  <td className={table.number}>{said(name, previous.metrics?.[name])}</td>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
    </Wide>
  );
}

function Baseline({
  results,
  verdict,
  name,
  baseline,
}: {
  results: MetricsReport;
  verdict: Verdict | undefined;
  name: string;
  baseline: string;
}) {
  const value = results.baselines[baseline]?.[name];
  const difference = results.differences?.[baseline]?.[name];
  return (
    <td className={table.number}>
      {said(name, value)}
      {verdict && difference && (
        <VerdictSign metric={name} verdict={verdict} difference={difference} />
      )}
    </td>
  );
}
