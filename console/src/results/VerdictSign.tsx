import { saidDifference } from "./metrics";
import classes from "./VerdictSign.module.css";
import { VERDICT_WORDS, type Verdict } from "./verdict";

const SIGNS: Record<Verdict, string> = { better: "▲", worse: "▼", no_clear_difference: "≈" };

interface Props {
  metric: string;
  verdict: Verdict;
  difference: { low: number; high: number };
}

/** How the model stands against what is beside it, with the difference as title. */
export function VerdictSign({ metric, verdict, difference }: Props) {
  return (
    <span
      className={classes.sign}
      data-verdict={verdict}
      role="img"
      aria-label={`The model is: ${VERDICT_WORDS[verdict].toLowerCase()}`}
      title={`${VERDICT_WORDS[verdict]}: ${saidDifference(metric, difference)}`}
    >
      {SIGNS[verdict]}
    </span>
  );
}
