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

/** Every metric with its interval, beside the baselines and the best test before. */
export function MetricsTable({ results, previous }: Props) {
  const names = inOrder(Object.keys(results.metrics));
  const ratings = names.filter((name) => metricOf(name).rating);
  const ranked = names.filter((name) => !metricOf(name).rating);
  // Each kind has baselines of its own: in one table, half of the cells would be empty.
  const both = ratings.length > 0 && ranked.length > 0;
  return (
    <div className={classes.tables}>
      {ranked.length > 0 && (
        <Part
          title={both ? "Of recommendations" : "Metric"}
          names={ranked}
          results={results}
          previous={previous}
        />
      )}
      {ratings.length > 0 && (
        <Part
          title={both ? "Of ratings" : "Metric"}
          names={ratings}
          results={results}
          previous={previous}
        />
      )}
    </div>
  );
}

function Part({ title, names, results, previous }: Props & { title: string; names: string[] }) {
  const main = mainMetric(results.metrics);
  const baselines = Object.keys(results.baselines).filter((baseline) =>
    names.some((name) => results.baselines[baseline]?.[name] !== undefined),
  );
  return (
    <Wide label={title === "Metric" ? "Metrics" : `Metrics ${title.toLowerCase()}`}>
      <table className={`${table.table} ${classes.metrics}`}>
        <thead>
          <tr>
            <th scope="col">{title}</th>
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
