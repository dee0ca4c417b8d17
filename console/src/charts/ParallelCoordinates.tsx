import { useElementSize } from "@mantine/hooks";
import { axisOf } from "./axis";
import chart from "./chart.module.css";
import classes from "./ParallelCoordinates.module.css";
import { short } from "./Scatter";

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

/** A line for each test across all settings, the last axis its result. A table has the same. */
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
  const best = Math.max(...lines.map(({ good }) => good));
  return (
    <section
      ref={ref}
      className={`${chart.canvas} ${classes.canvas}`}
      aria-label="Settings and result of each test"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to take the focus
      tabIndex={0}
    >
      {room > 0 && (
        <svg width={width} height={HEIGHT} aria-hidden="true">
          {lines
            .toSorted((one, other) => one.good - other.good)
            .map((line) => (
              // biome-ignore lint/a11y/noStaticElementInteractions: the table below has the links
              <g
                key={line.key}
                className={classes.test}
                data-best={line.good === best || undefined}
                onClick={() => onOpen(line.key)}
              >
                <title>{line.label}</title>
                <path className={classes.wide} d={path(line)} />
                <path
                  className={classes.thin}
                  style={{ opacity: 0.25 + 0.75 * line.good }}
                  d={path(line)}
                />
              </g>
            ))}
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
        </svg>
      )}
    </section>
  );
}
