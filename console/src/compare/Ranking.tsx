import { IconStarFilled } from "@tabler/icons-react";
import { Link } from "react-router";
import { quickTests } from "@/api/quickTests";
import type { ComparedGroup, ComparedTest } from "@/api/schema";
import { said, saidDifference, saidRange } from "@/results/metrics";
import { STANDING_TONE, VERDICT_TONE, VERDICT_WORDS } from "@/results/verdict";
import { Notice } from "@/ui/Notice";
import { Section } from "@/ui/Section";
import { StatusBadge } from "@/ui/StatusBadge";
import classes from "./Ranking.module.css";

interface Props {
  group: ComparedGroup;
  metric: string;
  /** Which of several groups; null where there is only one. */
  number: number | null;
}

/** Tests that were measured alike, best first. */
export function Ranking({ group, metric, number }: Props) {
  const ends = group.rows.flatMap((row) => {
    const interval = row.intervals[metric];
    return interval ? [interval.low, interval.high, row.value] : [row.value];
  });
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const at = (value: number): number => 4 + (92 * (value - low)) / (high - low || 1);
  return (
    <Section
      title={number === null ? group.summary : `Group ${number}: ${group.summary}`}
      lead={`Evaluated on ${group.measured}.`}
    >
      {group.reasons.length > 0 && (
        <p className={classes.reasons}>
          Not comparable with the first group: {group.reasons.join("; ")}.
        </p>
      )}
      {group.warnings.length > 0 && (
        <div className={classes.warnings}>
          {group.warnings.map((warning) => (
            <Notice key={warning} tone="warning">
              {warning}
            </Notice>
          ))}
        </div>
      )}
      <ol className={classes.list}>
        {group.rows.map((row) => (
          <Row key={row.quick_test_id} row={row} metric={metric} at={at} />
        ))}
      </ol>
    </Section>
  );
}

function Row({
  row,
  metric,
  at,
}: {
  row: ComparedTest;
  metric: string;
  at: (value: number) => number;
}) {
  const interval = row.intervals[metric];
  return (
    <li className={classes.row} data-best={row.best || undefined}>
      <span className={classes.rank}>{row.rank}</span>
      <Link to={quickTests.path(row.quick_test_id)} className={classes.name} title={row.label}>
        {row.label}
      </Link>
      <span className={classes.value}>
        {said(metric, row.value)}
        {interval && <span className={classes.quiet}>{saidRange(metric, interval)}</span>}
      </span>
      <span className={classes.track} aria-hidden="true">
        {interval && (
          <i
            className={classes.whisker}
            style={{
              left: `${at(interval.low)}%`,
              width: `${at(interval.high) - at(interval.low)}%`,
            }}
          />
        )}
        <i className={classes.dot} style={{ left: `${at(row.value)}%` }} />
      </span>
      <span className={classes.verdict}>
        {row.best ? (
          <span className={classes.best}>
            <IconStarFilled size={14} aria-hidden="true" /> Clearly the best
          </span>
        ) : row.verdict ? (
          <>
            <StatusBadge tone={VERDICT_TONE[row.verdict]}>{VERDICT_WORDS[row.verdict]}</StatusBadge>
            <span className={classes.quiet}>
              {row.difference ? saidDifference(metric, row.difference) : row.reason}
            </span>
          </>
        ) : (
          <StatusBadge tone={STANDING_TONE[row.judged.standing]}>{row.judged.label}</StatusBadge>
        )}
      </span>
    </li>
  );
}
