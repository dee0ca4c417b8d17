import type { Column } from "@/api/schema";
import { compact, count, day, number } from "@/ui/format";
import classes from "./Spread.module.css";

const WIDTH = 128;
const HEIGHT = 30;
const GAP = 1;

/** How a column's values are spread, small: a histogram of numbers, shares of the usual words. */
export function Spread({ column }: { column: Column }) {
  const found = column.statistics;
  if (!found) return null;
  if (found.histogram.length > 0) {
    const most = Math.max(...found.histogram);
    const bar = WIDTH / found.histogram.length;
    const ends =
      column.type === "TIMESTAMP"
        ? [day(found.min), day(found.max)]
        : [number(found.min), number(found.max)];
    return (
      <svg
        className={classes.histogram}
        width={WIDTH}
        height={HEIGHT}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`Histogram of ${column.name}, from ${ends[0]} to ${ends[1]}; fullest of ${found.histogram.length} bins: ${count(most)}`}
      >
        {found.histogram.map((values, place) => {
          const height = values === 0 ? 0 : Math.max(1, (values / most) * (HEIGHT - 1));
          return (
            <rect
              key={place}
              x={place * bar}
              y={HEIGHT - 1 - height}
              width={bar - GAP}
              height={height}
            />
          );
        })}
        <line x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
      </svg>
    );
  }
  const [first] = found.top_values;
  if (!first) return null;
  return (
    <ul className={classes.words} style={{ width: WIDTH }}>
      {found.top_values.slice(0, 3).map(({ value, count: times }) => (
        <li key={value} title={`${value}: ${count(times)}`}>
          <span className={classes.share} style={{ width: `${(100 * times) / first.count}%` }} />
          <span className={classes.word}>{value}</span>
          <span className={classes.times}>{compact(times)}</span>
        </li>
      ))}
    </ul>
  );
}
