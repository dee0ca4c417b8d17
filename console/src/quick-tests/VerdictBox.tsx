import type { MetricsReport, QuickTest } from "@/api/schema";
import { metricOf, said, saidRange } from "@/results/metrics";
import {
  comparisonSentence,
  headline,
  shortVerdict,
  VERDICT_TONE,
  verdictSentence,
} from "@/results/verdict";
import { StatusBadge } from "@/ui/StatusBadge";
import classes from "./VerdictBox.module.css";

/** How good it is, for people who read no further. */
export function VerdictBox({ test, results }: { test: QuickTest; results: MetricsReport }) {
  const main = headline(test);
  const short = shortVerdict(results);
  const { comparison } = test.status;
  return (
    <section className={classes.box} aria-label="Verdict" data-tone={short?.tone}>
      {main && (
        <div className={classes.number}>
          <div className={classes.value}>{said(main.metric, main.value)}</div>
          <div className={classes.what}>
            {metricOf(main.metric).words} <span>{metricOf(main.metric).term}</span>
          </div>
          {main.interval && (
            <div className={classes.what}>
              95 % interval: {saidRange(main.metric, main.interval)}
            </div>
          )}
        </div>
      )}
      <div className={classes.words}>
        {short && <StatusBadge tone={short.tone}>{short.label}</StatusBadge>}
        <p className={classes.sentence}>{verdictSentence(results, test.spec.rating_column)}</p>
        {comparison && (
          <p className={classes.comparison} data-tone={VERDICT_TONE[comparison.verdict]}>
            {comparisonSentence(comparison)}
          </p>
        )}
      </div>
    </section>
  );
}
