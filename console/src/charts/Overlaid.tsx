import { useElementSize } from "@mantine/hooks";
import chart from "./chart.module.css";
import { Drawing } from "./Drawing";
import classes from "./Overlaid.module.css";
import { niceTicks } from "./scale";
import { Told } from "./Told";
import { FOR_THE_EYE, inGrid, mark, useRoving } from "./useRoving";

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
  onOpen: (key: string) => void;
}

/** Of so many curves each can be told from the others, by colour and by dash. */
export const MOST_CURVES = 8;
const HEIGHT = 280;
const MARGIN = { top: 12, right: 16, bottom: 30, left: 56 };

/** Curves of several tests over each other; `key`s have the same look in every chart. Left and right
 * lead along a curve, up and down to another one. */
export function Overlaid({ title, curves, logarithmic = false, saidX, saidY, onOpen }: Props) {
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
  const marks = curves.flatMap((curve) =>
    curve.points.map(([at, value]) => ({ curve, at, value, key: `${curve.key} ${at}` })),
  );
  const grid = curves
    .filter((curve) => curve.points.length > 0)
    .map((curve) =>
      places.map((at) => marks.find((one) => one.curve === curve && one.at === at)?.key ?? null),
    );
  const { props, told } = useRoving<SVGSVGElement>(
    marks.map(({ key }) => key),
    (key, arrow) => inGrid(grid, key, arrow),
    (key) => onOpen(key.slice(0, key.lastIndexOf(" "))),
  );
  const words = ({ curve, at, value }: (typeof marks)[number]): string =>
    `${curve.label}, ${saidX(at)}: ${saidY(value)}`;
  const pointed = marks.find(({ key }) => key === told);
  return (
    <figure className={classes.figure}>
      <h2 className={classes.title}>{title}</h2>
      <div ref={ref} className={chart.canvas} style={{ height: HEIGHT }}>
        {width > 0 && points.length > 0 && (
          <Drawing {...props} width={width} height={HEIGHT} label={title}>
            <g {...FOR_THE_EYE}>
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
            </g>
            {curves.map((curve, place) => (
              <g key={curve.key} className={classes.curve} data-look={place}>
                <polyline points={curve.points.map(([a, b]) => `${x(a)},${y(b)}`).join(" ")} />
                {marks
                  .filter((one) => one.curve === curve)
                  .map((one) => (
                    <g
                      key={one.key}
                      {...mark(one.key, words(one), () => onOpen(curve.key))}
                      className={`${chart.mark} ${classes.point}`}
                      data-dense={curve.points.length > 30 || undefined}
                    >
                      <circle cx={x(one.at)} cy={y(one.value)} r={3} />
                      <circle className={chart.ring} cx={x(one.at)} cy={y(one.value)} r={7} />
                    </g>
                  ))}
              </g>
            ))}
          </Drawing>
        )}
        {points.length === 0 && <p className={classes.none}>None of these tests has any.</p>}
      </div>
      {points.length > 0 && <Told>{pointed && words(pointed)}</Told>}
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
