import type { QuickTestSummary } from "@/api/schema";
import classes from "./Headline.module.css";
import { metricOf, said, saidRange } from "./metrics";
import { headline } from "./verdict";

/** A test's main metric with its interval, small, for lists. */
export function Headline({ test }: { test: QuickTestSummary }) {
  const found = headline(test);
  if (!found) return null;
  const { metric, value, interval } = found;
  return (
    <div className={classes.headline} title={metricOf(metric).words}>
      <span className={classes.value}>{said(metric, value)}</span>
      <span className={classes.term}>
        {metricOf(metric).term}
        {interval && <span className={classes.range}>{saidRange(metric, interval)}</span>}
      </span>
    </div>
  );
}
