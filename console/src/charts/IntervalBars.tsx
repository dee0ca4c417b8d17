import classes from "./IntervalBars.module.css";

export interface Bar {
  label: string;
  value: number;
  interval?: { low: number; high: number } | null;
  /** As it stands beside the bar. */
  text: string;
  /** The one that the others are there for. */
  main?: boolean;
}

export interface BarGroup {
  title: string;
  note?: string;
  bars: Bar[];
}

/**
 * Values beside each other on one scale from 0, with their 95% intervals as whiskers. It is a list
 * of names and numbers to a screen reader.
 */
export function IntervalBars({ groups }: { groups: BarGroup[] }) {
  const bars = groups.flatMap((group) => group.bars);
  const top = Math.max(...bars.map((bar) => Math.max(bar.value, bar.interval?.high ?? 0)), 1e-9);
  const at = (value: number): string => `${Math.max(0, (100 * value) / top)}%`;
  return (
    <div className={classes.groups}>
      {groups.map((group) => (
        <div key={group.title}>
          <h3 className={classes.title}>
            {group.title} {group.note && <span className={classes.note}>{group.note}</span>}
          </h3>
          <dl className={classes.bars}>
            {group.bars.map((bar) => (
              <div key={bar.label} className={classes.row} data-main={bar.main || undefined}>
                <dt className={classes.label}>{bar.label}</dt>
                <dd className={classes.value}>
                  <span className={classes.track} aria-hidden="true">
                    <span className={classes.bar} style={{ width: at(bar.value) }} />
                    {bar.interval && (
                      <span
                        className={classes.whisker}
                        style={{
                          left: at(bar.interval.low),
                          width: `calc(${at(bar.interval.high)} - ${at(bar.interval.low)})`,
                        }}
                      />
                    )}
                  </span>
                  <span className={classes.text}>{bar.text}</span>
                </dd>
              </div>
            ))}
          </dl>
        </div>
      ))}
    </div>
  );
}
