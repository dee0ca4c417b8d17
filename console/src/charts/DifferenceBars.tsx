import type { ReactNode } from "react";
import classes from "./DifferenceBars.module.css";

export interface DifferenceBar {
  key: string;
  label: ReactNode;
  value: number;
  interval: { low: number; high: number } | null;
  /** What comes of it, beside the bar. */
  said: ReactNode;
}

/**
 * Differences on one scale with their 95% intervals, and the line where there is none. It is a
 * list of names and what is said of them to a screen reader.
 */
export function DifferenceBars({ bars }: { bars: DifferenceBar[] }) {
  const most = Math.max(
    ...bars.flatMap(({ value, interval }) => [value, interval?.low ?? 0, interval?.high ?? 0]),
    ...bars.flatMap(({ value, interval }) => [-value, -(interval?.low ?? 0)]),
    1e-9,
  );
  const at = (value: number): number => 50 + (48 * value) / most;
  return (
    <dl className={classes.bars}>
      {bars.map(({ key, label, value, interval, said }) => (
        <div key={key} className={classes.row}>
          <dt className={classes.label}>{label}</dt>
          <dd className={classes.value}>
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
              <i className={classes.dot} style={{ left: `${at(value)}%` }} />
            </span>
            <span className={classes.said}>{said}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
