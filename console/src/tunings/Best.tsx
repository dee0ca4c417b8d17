import { Anchor } from "@mantine/core";
import { Link } from "react-router";
import { quickTests } from "@/api/quickTests";
import type { Tuning } from "@/api/schema";
import { metricOf, said } from "@/results/metrics";
import { StatusBadge } from "@/ui/StatusBadge";
import classes from "./TuningPage.module.css";
import { VERDICTS } from "./words";

/** The verdict; until there is one, the best so far. */
export function Best({ tuning }: { tuning: Tuning }) {
  const { status } = tuning;
  const best = status.trials.find(({ number }) => number === status.best);
  if (!best || !status.metric) return null;
  const link = (
    <Anchor component={Link} to={quickTests.path(best.quick_test_id)} inherit>
      Trial {best.number}
    </Anchor>
  );
  const { verdict, metric } = status;
  const base = status.trials[0];
  return (
    <section className={classes.best} aria-label="Result" aria-live="polite">
      {verdict ? (
        <>
          <div>
            <StatusBadge tone={VERDICTS[verdict.verdict].tone}>
              {VERDICTS[verdict.verdict].label}
            </StatusBadge>
          </div>
          <p className={classes.sentence}>{verdict.sentence}</p>
          {best.number !== 1 && (
            <p className={classes.sentence}>
              {link}: {best.label}
            </p>
          )}
        </>
      ) : (
        <>
          <div className={classes.figure}>
            {said(metric, best.value)}{" "}
            <span className={classes.quiet}>
              {metricOf(metric).term} on the validation slice, best so far
            </span>
          </div>
          <p className={classes.sentence}>
            {link}: {best.label}
            {best.number !== 1 && base?.value != null && ` (default: ${said(metric, base.value)})`}
          </p>
        </>
      )}
    </section>
  );
}
