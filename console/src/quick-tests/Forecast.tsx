import { IconAlertTriangle, IconCircle, IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import type { Estimate } from "@/api/schema";
import { costWords, estimateWords } from "@/results/words";
import { bytes, count, lower, plural } from "@/ui/format";
import type { Check } from "./draft";
import classes from "./Forecast.module.css";

const ICONS = {
  good: IconCircleCheck,
  warning: IconAlertTriangle,
  bad: IconCircleX,
  open: IconCircle,
};
const WORDS = { good: "yes", warning: "yes, with a warning", bad: "no", open: "not known yet" };

/** What is checked before a test starts, with what is wrong. */
export function Checks({ checks }: { checks: Check[] }) {
  return (
    <ul className={classes.checks}>
      {checks.map(({ label, state, messages }) => {
        const Icon = ICONS[state];
        return (
          <li key={label} data-state={state}>
            <Icon size={17} stroke={1.9} role="img" aria-label={WORDS[state]} />
            <div>
              {label}
              {messages.map((message) => (
                <p key={message} className={classes.message}>
                  {message}
                </p>
              ))}
            </div>
          </li>
        );
      })}
    </ul>
  );
}

/**
 * How long it would take, what it would cost, and how well that is known. Undefined as long as it
 * is not known; null where there is nothing to estimate.
 */
export function EstimateFigures({ estimate }: { estimate: Estimate | null | undefined }) {
  const time = estimate ? estimateWords(estimate) : null;
  const cost = estimate ? costWords(estimate.cost_usd) : null;
  const size = estimate?.size;
  return (
    <div className={classes.estimate} aria-live="polite">
      <div>
        <div className={classes.name}>Duration</div>
        <div className={classes.figure}>{time?.likely ?? "–"}</div>
        <div className={classes.range}>{time?.range ?? "\u00a0"}</div>
      </div>
      <div>
        <div className={classes.name}>Cost</div>
        <div className={classes.figure}>{cost?.likely ?? "–"}</div>
        <div className={classes.range}>{cost?.range ?? "\u00a0"}</div>
      </div>
      <p className={classes.basis} data-none={estimate === null || undefined}>
        {estimate && `80% of tests fall within these bounds. Based on ${basis(estimate.basis)}.`}
        {size && (
          <>
            {" "}
            About {plural(size.rows, "purchase")}, {count(size.holdout_rows)} of them held out;{" "}
            {plural(size.products, "candidate product")}.
          </>
        )}
        {estimate?.bytes_read != null && ` Reads ${bytes(estimate.bytes_read)} from BigQuery.`}
      </p>
    </div>
  );
}

function basis(text: string): string {
  return lower(text).replace(/\.$/, "");
}
