import { useElementSize } from "@mantine/hooks";
import chart from "./chart.module.css";
import classes from "./Overlaid.module.css";
import { niceTicks } from "./scale";

export interface OverlaidCurve {
  key: string;
  label: string;
  points: [number, number][];
}

interface Props {
  title: string;
  curves: OverlaidCurve[];
  /** Whether what is below grows by factors. */
  logarithmic?: boolean;
  saidX: (value: number) => string;
  saidY: (value: number) => string;
}

/** Of so many curves each can be told from the others, by colour and by dash. */
export const MOST_CURVES = 8;
const HEIGHT = 280;
const MARGIN = { top: 12, right: 16, bottom: 30, left: 56 };

/** Curves of several tests over each other; `key`s have the same look in every chart. */
export function Overlaid({ title, curves, logarithmic = false, saidX, saidY }: Props) {
  const { ref, width } = useElementSize();
  const points = curves.flatMap((curve) => curve.points);
  const values = points.map(([, value]) => value);
  const places = [...new Set(points.map(([at]) => at))].sort((a, b) => a - b);
  const ticks = niceTicks(Math.min(...values), Math.max(...values), 5);
  const [low, high] = [ticks[0] ?? 0, ticks.at(-1) ?? 1];
  const by = logarithmic ? Math.log : (value: number) => value;
  const [first, last] = [by(places[0] ?? 1), by(places.at(-1) ?? 1)];
  const inner = Math.max(0, width - MARGIN.left - MARGIN.right);
  const x = (at: number): number =>
    MARGIN.left + (last > first ? (by(at) - first) / (last - first) : 0.5) * inner;
  const y = (value: number): number =>
    MARGIN.top + (1 - (value - low) / (high - low || 1)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const shown = places.filter((_, place) => place % Math.ceil(places.length / 8) === 0);
  return (
    <figure className={classes.figure}>
      <h3 className={classes.title}>{title}</h3>
      <div ref={ref} className={chart.canvas} style={{ height: HEIGHT }}>
        {width > 0 && points.length > 0 && (
          <svg width={width} height={HEIGHT} aria-hidden="true">
            {ticks.map((tick) => (
              <g key={tick}>
                <path className={chart.line} d={`M${MARGIN.left} ${y(tick)}h${inner}`} />
                <text x={MARGIN.left - 8} y={y(tick) + 4} textAnchor="end">
                  {saidY(tick)}
                </text>
              </g>
            ))}
            {shown.map((at) => (
              <text key={at} x={x(at)} y={HEIGHT - 10} textAnchor="middle">
                {saidX(at)}
              </text>
            ))}
            {curves.map((curve, place) => (
              <g key={curve.key} className={classes.curve} data-look={place}>
                <title>{curve.label}</title>
                <polyline points={curve.points.map(([a, b]) => `${x(a)},${y(b)}`).join(" ")} />
                {curve.points.length <= 30 &&
                  curve.points.map(([a, b]) => <circle key={a} cx={x(a)} cy={y(b)} r={3} />)}
              </g>
            ))}
          </svg>
        )}
        {points.length === 0 && <p className={classes.none}>None of these tests has any.</p>}
      </div>
    </figure>
  );
}

/** How the line of a test looks. */
export function Look({ place }: { place: number }) {
  return (
    <svg width={28} height={10} aria-hidden="true" className={classes.look}>
      <g className={classes.curve} data-look={place}>
        <polyline points="1,5 27,5" />
      </g>
    </svg>
  );
}
