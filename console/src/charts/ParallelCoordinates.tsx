import { useElementSize } from "@mantine/hooks";
import { axisOf } from "./axis";
import chart from "./chart.module.css";
import { Drawing } from "./Drawing";
import classes from "./ParallelCoordinates.module.css";
import { short } from "./Scatter";
import { Told } from "./Told";
import { along, FOR_THE_EYE, mark, useRoving } from "./useRoving";

export interface ParallelAxis {
  key: string;
  label: string;
  said: (value: number) => string;
}

export interface ParallelLine {
  key: string;
  label: string;
  /** By the axes, in their order; null: not known, the line has a gap. */
  values: (number | string | null)[];
  /** 0 to 1: how good it is, which its strength shows; the best is drawn over all others. */
  good: number;
}

interface Props {
  axes: ParallelAxis[];
  lines: ParallelLine[];
  onOpen: (key: string) => void;
}

const HEIGHT = 360;
const MARGIN = { top: 36, bottom: 20, side: 56 };
/** Of an axis; where there are more than fit, the chart scrolls. */
const NARROWEST = 118;

/** A line for each test across all settings, the last axis its result; up leads to a better one. */
export function ParallelCoordinates({ axes, lines, onOpen }: Props) {
  const { ref, width: room } = useElementSize();
  const width = Math.max(room, 2 * MARGIN.side + NARROWEST * (axes.length - 1));
  const step = axes.length > 1 ? (width - 2 * MARGIN.side) / (axes.length - 1) : 0;
  const tall = HEIGHT - MARGIN.top - MARGIN.bottom;
  const scales = axes.map(({ said }, place) =>
    axisOf(
      lines.flatMap(({ values }) => values[place] ?? []),
      said,
    ),
  );
  const x = (place: number): number => MARGIN.side + place * step;
  const y = (at: number): number => MARGIN.top + (1 - at) * tall;
  const path = ({ values }: ParallelLine): string => {
    let drawing = false;
    return values
      .map((value, place) => {
        const scale = scales[place];
        if (value === null || value === undefined || !scale) {
          drawing = false;
          return "";
        }
        const move = drawing ? "L" : "M";
        drawing = true;
        return `${move}${x(place)} ${y(scale.at(value))}`;
      })
      .join("");
  };
  const ordered = lines.toSorted((one, other) => one.good - other.good);
  const keys = ordered.map(({ key }) => key).reverse();
  const { props, told } = useRoving<SVGSVGElement>(
    keys,
    // The others scroll to the axes that there is no room for.
    (key, arrow) =>
      arrow === "up" || arrow === "down" ? along(keys, key, arrow === "down" ? 1 : -1) : undefined,
    onOpen,
  );
  // The result first: it is what settings are read for.
  const words = ({ label, values }: ParallelLine): string =>
    `${label}: ${axes
      .flatMap((axis, place) => {
        const value = values[place];
        if (value === null || value === undefined) return [];
        return [`${axis.label} ${typeof value === "number" ? axis.said(value) : value}`];
      })
      .reverse()
      .join(", ")}`;
  const shown = lines.find(({ key }) => key === told);
  const best = Math.max(...lines.map(({ good }) => good));
  return (
    <>
      <div ref={ref} className={`${chart.canvas} ${classes.canvas}`}>
        {room > 0 && (
          <Drawing
            {...props}
            width={width}
            height={HEIGHT}
            label={"Settings and result of each test, the best first"}
          >
            {ordered.map((line) => (
              <g
                key={line.key}
                {...mark(line.key, words(line), onOpen)}
                className={`${chart.mark} ${classes.test}`}
                data-best={line.good === best || undefined}
              >
                <path className={classes.wide} d={path(line)} />
                <path
                  className={classes.thin}
                  style={{ opacity: 0.25 + 0.75 * line.good }}
                  d={path(line)}
                />
              </g>
            ))}
            {shown && <path className={classes.over} d={path(shown)} />}
            <g {...FOR_THE_EYE}>
              {axes.map(({ key, label }, place) => (
                <g key={key} className={classes.axis}>
                  <path d={`M${x(place)} ${MARGIN.top}v${tall}`} />
                  <text x={x(place)} y={16} textAnchor="middle" className={classes.label}>
                    <title>{label}</title>
                    {short(label, Math.max(step, NARROWEST))}
                  </text>
                  {scales[place]?.ticks.map((tick) => (
                    <text key={tick.at} x={x(place) + 6} y={y(tick.at) + 4}>
                      <title>{tick.label}</title>
                      {short(tick.label, place === axes.length - 1 ? MARGIN.side : step - 12)}
                    </text>
                  ))}
                </g>
              ))}
            </g>
          </Drawing>
        )}
      </div>
      <Told>{shown && words(shown)}</Told>
    </>
  );
}
