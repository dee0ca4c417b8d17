import { useElementSize } from "@mantine/hooks";
import { type Axis, axisOf } from "./axis";
import chart from "./chart.module.css";
import { Drawing } from "./Drawing";
import classes from "./Scatter.module.css";
import { Told } from "./Told";
import { along, FOR_THE_EYE, mark, useRoving } from "./useRoving";

export interface Dot {
  key: string;
  label: string;
  /** Its value across, in words. */
  across: string;
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
/** Pixels of one, about. */
const LETTER = 7;
const MARGIN = { top: 30, right: 20, bottom: 52, left: 62 };

/** A value against a setting, a dot for each test, with its 95% interval: left and right lead along
 * the setting, up and down along the value. */
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
  const places = new Map(dots.map((dot) => [dot.key, { x: x(dot.x), y: y(dot.y) }]));
  const sorted = (by: "x" | "y"): string[] =>
    [...places].sort(([, a], [, b]) => a[by] - b[by]).map(([key]) => key);
  const [byX, byY] = [sorted("x"), sorted("y")];
  const { props, told } = useRoving<SVGSVGElement>(
    byX,
    (key, arrow) =>
      arrow === "left" || arrow === "right"
        ? along(byX, key, arrow === "right" ? 1 : -1)
        : along(byY, key, arrow === "down" ? 1 : -1),
    onOpen,
  );
  const words = ({ label, across: at, y: value }: Dot): string =>
    `${label}: ${yLabel.replace(/,.*/, "")} ${saidY(value)}, ${xLabel} ${at}`;
  const shown = dots.find(({ key }) => key === told);
  const room = inner / Math.max(1, across.ticks.length);
  return (
    <>
      <div ref={ref} className={`${chart.canvas} ${classes.canvas}`} style={{ height: HEIGHT }}>
        {width > 0 && (
          <Drawing {...props} width={width} height={HEIGHT} label={`${yLabel}, against ${xLabel}`}>
            <g {...FOR_THE_EYE}>
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
                  {...beneath(MARGIN.left + tick.at * inner, short(tick.label, room), width)}
                  y={HEIGHT - 30}
                >
                  <title>{tick.label}</title>
                  {short(tick.label, room)}
                </text>
              ))}
              <text
                x={MARGIN.left + inner}
                y={HEIGHT - 8}
                textAnchor="end"
                className={classes.label}
              >
                {xLabel}
              </text>
            </g>
            {dots.map((dot) => {
              const { key, interval, main } = dot;
              const { x: cx = 0, y: cy = 0 } = places.get(key) ?? {};
              return (
                <g
                  key={key}
                  {...mark(key, words(dot), onOpen)}
                  className={`${chart.mark} ${classes.dot}`}
                  data-main={main || undefined}
                >
                  {interval && <path d={`M${cx} ${y(interval.low)}V${y(interval.high)}`} />}
                  <circle cx={cx} cy={cy} r={main ? 6 : 4.5} />
                  <circle className={chart.ring} cx={cx} cy={cy} r={9} />
                </g>
              );
            })}
          </Drawing>
        )}
      </div>
      <Told>{shown && words(shown)}</Told>
    </>
  );
}

/** Where a label stands below its tick: in the middle, or as far to its side as the edge asks for. */
function beneath(at: number, text: string, width: number) {
  const half = (text.length * LETTER) / 2;
  if (at + half > width) return { x: width, textAnchor: "end" as const };
  return at < half
    ? { x: 0, textAnchor: "start" as const }
    : { x: at, textAnchor: "middle" as const };
}

/** As much of a label as there is room for, at about 7 pixels a letter. */
export function short(text: string, room: number): string {
  const most = Math.max(3, Math.floor(room / LETTER));
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
