import { useElementSize } from "@mantine/hooks";
import { type Axis, axisOf } from "./axis";
import chart from "./chart.module.css";
import classes from "./Scatter.module.css";

export interface Dot {
  key: string;
  label: string;
  x: number | string;
  y: number;
  interval?: { low: number; high: number } | null;
  /** Best of all, or pinned: drawn in full. */
  main?: boolean;
}

interface Props {
  dots: Dot[];
  xLabel: string;
  yLabel: string;
  saidX: (value: number) => string;
  saidY: (value: number) => string;
  onOpen: (key: string) => void;
}

const HEIGHT = 380;
const MARGIN = { top: 30, right: 20, bottom: 52, left: 62 };

/** A value against a setting, a dot for each test, with its 95% interval. A table has the same. */
export function Scatter({ dots, xLabel, yLabel, saidX, saidY, onOpen }: Props) {
  const { ref, width } = useElementSize();
  const bounds = dots.flatMap(({ interval }) => (interval ? [interval.low, interval.high] : []));
  const across: Axis = axisOf(
    dots.map(({ x }) => x),
    saidX,
  );
  const up: Axis = axisOf(
    dots.map(({ y }) => y),
    saidY,
    [...bounds, ...dots.map(({ y }) => y)],
  );
  const inner = Math.max(0, width - MARGIN.left - MARGIN.right);
  const tall = HEIGHT - MARGIN.top - MARGIN.bottom;
  const x = (value: number | string): number => MARGIN.left + across.at(value) * inner;
  const y = (value: number): number => MARGIN.top + (1 - up.at(value)) * tall;
  const room = inner / Math.max(1, across.ticks.length);
  return (
    <div ref={ref} className={`${chart.canvas} ${classes.canvas}`} style={{ height: HEIGHT }}>
      {width > 0 && (
        <svg width={width} height={HEIGHT} aria-hidden="true">
          <text x={MARGIN.left - 52} y={14} className={classes.label}>
            {yLabel}
          </text>
          {up.ticks.map((tick) => {
            const at = MARGIN.top + (1 - tick.at) * tall;
            return (
              <g key={tick.at}>
                <path className={chart.line} d={`M${MARGIN.left} ${at}h${inner}`} />
                <text x={MARGIN.left - 8} y={at + 4} textAnchor="end">
                  {tick.label}
                </text>
              </g>
            );
          })}
          {across.ticks.map((tick) => (
            <text
              key={tick.at}
              x={MARGIN.left + tick.at * inner}
              y={HEIGHT - 30}
              textAnchor="middle"
            >
              <title>{tick.label}</title>
              {short(tick.label, room)}
            </text>
          ))}
          <text x={MARGIN.left + inner} y={HEIGHT - 8} textAnchor="end" className={classes.label}>
            {xLabel}
          </text>
          {dots.map(({ key, label, x: across, y: value, interval, main }) => (
            // biome-ignore lint/a11y/noStaticElementInteractions: the table below has the links
            <g
              key={key}
              className={classes.dot}
              data-main={main || undefined}
              onClick={() => onOpen(key)}
            >
              <title>{`${label}: ${saidY(value)}`}</title>
              {interval && <path d={`M${x(across)} ${y(interval.low)}V${y(interval.high)}`} />}
              <circle cx={x(across)} cy={y(value)} r={main ? 6 : 4.5} />
            </g>
          ))}
        </svg>
      )}
    </div>
  );
}

/** As much of a label as there is room for, at about 7 pixels a letter. */
export function short(text: string, room: number): string {
  const most = Math.max(3, Math.floor(room / 7));
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
