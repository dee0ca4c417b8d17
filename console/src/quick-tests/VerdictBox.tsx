import type { QuickTest } from "@/api/schema";
import { metricOf, said, saidRange } from "@/results/metrics";
import { headline, STANDING_TONE, VERDICT_TONE } from "@/results/verdict";
import { StatusBadge } from "@/ui/StatusBadge";
import classes from "./VerdictBox.module.css";

/** How good it is, for people who read no further. */
export function VerdictBox({ test }: { test: QuickTest }) {
  const main = headline(test);
  const { comparison, verdict } = test.status;
  const tone = verdict ? STANDING_TONE[verdict.standing] : undefined;
  return (
    <section className={classes.box} aria-label="Verdict" data-tone={tone}>
      {main && (
        <div className={classes.number}>
          <div className={classes.value}>{said(main.metric, main.value)}</div>
          <div className={classes.what}>
            {metricOf(main.metric).words} <span>{metricOf(main.metric).term}</span>
          </div>
          {main.interval && (
            <div className={classes.what}>
              95% interval: {saidRange(main.metric, main.interval)}
            </div>
          )}
        </div>
      )}
      <div className={classes.words}>
        {verdict && tone && <StatusBadge tone={tone}>{verdict.label}</StatusBadge>}
        <p className={classes.sentence}>{verdict?.sentence}</p>
        {verdict?.lists?.map(({ list, label, sentence, verdict: found }) => (
          <p key={list} className={classes.comparison} data-tone={found && VERDICT_TONE[found]}>
            {label}: {sentence}
          </p>
        ))}
        {comparison && (
          <p className={classes.comparison} data-tone={VERDICT_TONE[comparison.verdict]}>
            {comparison.sentence}
          </p>
        )}
      </div>
    </section>
  );
}
