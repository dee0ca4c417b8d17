import { useElementSize } from "@mantine/hooks";
import chart from "./chart.module.css";
import classes from "./PointCurve.module.css";
import { niceTicks } from "./scale";

const HEIGHT = 220;
const MARGIN = { top: 12, right: 20, bottom: 30, left: 56 };

export interface CurveDot {
  at: number;
  /** Below the chart. */
  label: string;
  value: number;
  interval?: { low: number; high: number } | null;
  /** Of what is drawn beside it. */
  other?: number | null;
}

interface Props {
  dots: CurveDot[];
  said: (value: number) => string;
}

/**
 * Values with their 95% intervals against something that grows by factors, on a logarithmic scale,
 * and a second curve, dashed. The numbers stand in a table beside it.
 */
export function PointCurve({ dots, said }: Props) {
  const { ref, width } = useElementSize();
  const values = dots.flatMap(({ value, interval, other }) => [
    value,
    ...(interval ? [interval.low, interval.high] : []),
    ...(typeof other === "number" ? [other] : []),
  ]);
  const ticks = niceTicks(Math.min(...values), Math.max(...values), 4);
  const [low, high] = [ticks[0] ?? 0, ticks.at(-1) ?? 1];
  const [first, last] = [Math.log(dots[0]?.at ?? 1), Math.log(dots.at(-1)?.at ?? 1)];
  const inner = Math.max(0, width - MARGIN.left - MARGIN.right);
  const x = (at: number): number =>
    MARGIN.left + (last > first ? (Math.log(at) - first) / (last - first) : 0.5) * inner;
  const y = (value: number): number =>
    MARGIN.top + (1 - (value - low) / (high - low || 1)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const others = dots.filter(({ other }) => typeof other === "number");
  const line = (points: [number, number][]): string =>
    points.map(([at, value]) => `${x(at)},${y(value)}`).join(" ");
  return (
    <div ref={ref} className={chart.canvas} style={{ height: HEIGHT }}>
      {width > 0 && (
        <svg width={width} height={HEIGHT} aria-hidden="true">
          {ticks.map((tick) => (
            <g key={tick}>
              <path className={chart.line} d={`M${MARGIN.left} ${y(tick)}h${inner}`} />
              <text x={MARGIN.left - 8} y={y(tick) + 4} textAnchor="end">
                {said(tick)}
              </text>
            </g>
          ))}
          {others.length > 1 && (
            <polyline
              className={classes.other}
              points={line(others.map(({ at, other }) => [at, other as number]))}
            />
          )}
          <polyline
            className={classes.curve}
            points={line(dots.map(({ at, value }) => [at, value]))}
          />
          {dots.map(({ at, label, value, interval }) => (
            <g key={at}>
              {interval && (
                <path
                  className={classes.whisker}
                  d={`M${x(at)} ${y(interval.low)}V${y(interval.high)}`}
                />
              )}
              <circle className={classes.point} cx={x(at)} cy={y(value)} r={4} />
              <text x={x(at)} y={HEIGHT - 10} textAnchor="middle">
                {label}
              </text>
            </g>
          ))}
        </svg>
      )}
    </div>
  );
}
