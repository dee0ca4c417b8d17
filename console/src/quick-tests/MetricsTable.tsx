import { Anchor } from "@mantine/core";
import { Link } from "react-router";
import type { MetricsReport } from "@/api/schema";
import { inOrder, mainMetric, metricOf, said, saidDifference, saidRange } from "@/results/metrics";
import { againstBaseline, baselineOf, VERDICT_WORDS, type Verdict } from "@/results/verdict";
import table from "@/ui/table.module.css";
import { Wide } from "@/ui/Wide";
import classes from "./MetricsTable.module.css";

const SIGNS: Record<Verdict, string> = { better: "▲", worse: "▼", no_clear_difference: "≈" };

interface Props {
  results: MetricsReport;
  /** The best comparable test before it. */
  previous?: { name: string; path: string; metrics: Record<string, number> | undefined };
}

/** Every metric with its interval, beside every baseline and the best test before. */
export function MetricsTable({ results, previous }: Props) {
  const main = mainMetric(results.metrics);
  const baselines = Object.keys(results.baselines);
  return (
    <Wide label="All metrics">
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Metric</th>
            <th scope="col" className={table.number}>
              This model
            </th>
            <th scope="col" className={table.number}>
              95 % interval
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
          {inOrder(Object.keys(results.metrics)).map((name) => {
            const { words, term, lowerIsBetter } = metricOf(name);
            return (
              <tr key={name} className={name === main ? table.main : undefined}>
                <th scope="row">
                  {words} <span className={classes.term}>{term}</span>
                  {lowerIsBetter && <span className={classes.term}> (lower is better)</span>}
                </th>
                <td className={table.number}>{said(name, results.metrics[name])}</td>
                <td className={table.number}>{saidRange(name, results.intervals?.[name])}</td>
                {baselines.map((baseline) => (
                  <Baseline key={baseline} results={results} name={name} baseline={baseline} />
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
  name,
  baseline,
}: {
  results: MetricsReport;
  name: string;
  baseline: string;
}) {
  const value = results.baselines[baseline]?.[name];
  const verdict = againstBaseline(results, baseline, name);
  const difference = results.differences?.[baseline]?.[name];
  return (
    <td className={table.number}>
      {said(name, value)}
      {verdict && difference && (
        <span
          className={classes.sign}
          data-verdict={verdict}
          role="img"
          aria-label={`The model is: ${VERDICT_WORDS[verdict].toLowerCase()}`}
          title={`${VERDICT_WORDS[verdict]}: ${saidDifference(name, difference)}`}
        >
          {SIGNS[verdict]}
        </span>
      )}
    </td>
  );
}
