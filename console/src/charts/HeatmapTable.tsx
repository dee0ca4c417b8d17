import { IconStarFilled } from "@tabler/icons-react";
import { Link } from "react-router";
import { quickTests } from "@/api/quickTests";
import type { Heatmap, HeatmapCell } from "@/api/schema";
import { metricOf, said, saidRange } from "@/results/metrics";
import { plural } from "@/ui/format";
import { Wide } from "@/ui/Wide";
import classes from "./HeatmapTable.module.css";
import { stepOf } from "./scale";
import { inGrid, useRoving } from "./useRoving";

const STEPS = 7;

/**
 * A metric by two settings: a table whose cells are the darker the better they are. All that cannot
 * be told apart from the best value are as dark as it. Numbers are in the cells, so that nobody has
 * to tell colours apart.
 */
export function HeatmapTable({ heatmap }: { heatmap: Heatmap }) {
  const { rows, columns, cells, metric, lower_is_better: lower } = heatmap;
  const values = cells.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const leading = new Set(heatmap.verdict?.leading);
  const level = cells.length > 1 && cells.every((cell) => leading.has(cell.quick_test_id));
  const step = ({ quick_test_id, value }: HeatmapCell): number => {
    if (leading.has(quick_test_id)) return STEPS - 1;
    const found = stepOf(value, low, high, STEPS - 1);
    return lower ? STEPS - 2 - found : found;
  };
  const at = new Map(cells.map((cell) => [`${cell.row} ${cell.column}`, cell]));
  const grid = rows.values.map((_, row) =>
    columns.values.map((_, column) => (at.has(`${row} ${column}`) ? `${row} ${column}` : null)),
  );
  const { props } = useRoving<HTMLTableElement>(
    grid.flat().filter((key) => key !== null),
    (key, arrow) => inGrid(grid, key, arrow),
  );
  return (
    <>
      <Wide label="Heatmap">
        <table {...props} className={classes.table}>
          <caption className={classes.caption}>
            {metricOf(metric).words} ({metricOf(metric).term}) by {rows.label.toLowerCase()} and{" "}
            {columns.label.toLowerCase()}
          </caption>
          <thead>
            <tr>
              <td className={classes.corner}>
                <span>{rows.label} ↓</span>
              </td>
              <th className={classes.across} colSpan={columns.values.length} scope="colgroup">
                {columns.label} →
              </th>
            </tr>
            <tr>
              <td />
              {columns.values.map((value) => (
                <th key={value} scope="col">
                  {value}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.values.map((value, row) => (
              <tr key={value}>
                <th scope="row">{value}</th>
                {columns.values.map((other, column) => {
                  const cell = at.get(`${row} ${column}`);
                  return (
                    <td key={other}>
                      {cell ? (
                        <Cell
                          cell={cell}
                          metric={metric}
                          step={step(cell)}
                          best={cell.best}
                          place={`${rows.label} ${value}, ${columns.label} ${other}`}
                        />
                      ) : (
                        <span className={classes.none}>no test</span>
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
      {level ? (
        <p className={classes.legend}>No combination can be told apart from the best value.</p>
      ) : (
        <Legend
          alike={leading.size > 1}
          metric={metric}
          worst={lower ? high : low}
          best={lower ? low : high}
          star={cells.some((cell) => cell.best)}
        />
      )}
    </>
  );
}

interface CellProps {
  cell: HeatmapCell;
  metric: string;
  step: number;
  best: boolean;
  /** Its row and column, in words. */
  place: string;
}

function Cell({ cell, metric, step, best, place }: CellProps) {
  const several = cell.count > 1;
  const range = several
    ? `${plural(cell.count, "test")}, ${saidRange(metric, cell)}`
    : cell.interval && saidRange(metric, cell.interval);
  const [only] = cell.quick_test_ids;
  return (
    <Link
      to={
        several
          ? `/compare?tests=${cell.quick_test_ids.join(",")}`
          : quickTests.path(only ?? cell.quick_test_id)
      }
      className={classes.cell}
      data-step={step}
      data-best={best || undefined}
      data-mark={`${cell.row} ${cell.column}`}
      tabIndex={-1}
      aria-label={[place, said(metric, cell.value), best && "best", range]
        .filter(Boolean)
        .join(", ")}
    >
      <span className={classes.value}>
        {best && <IconStarFilled size={13} aria-hidden="true" />}
        {said(metric, cell.value)}
      </span>
      {range && <span className={classes.small}>{range}</span>}
    </Link>
  );
}

interface LegendProps {
  metric: string;
  worst: number;
  best: number;
  /** Others are as dark as the best value. */
  alike: boolean;
  star: boolean;
}

function Legend({ metric, worst, best, alike, star }: LegendProps) {
  return (
    <div className={classes.legend}>
      <span>{said(metric, worst)}</span>
      <span className={classes.scale} aria-hidden="true">
        {Array.from({ length: STEPS }, (_, step) => (
          <i key={step} className={classes.cell} data-step={step} />
        ))}
      </span>
      <span>{said(metric, best)}</span>
      {alike && <span>Darkest: cannot be told apart from the best value</span>}
      {star && (
        <span className={classes.star}>
          <IconStarFilled size={12} aria-hidden="true" /> clearly the best
        </span>
      )}
      <span>Small print: the 95% interval of a single test, or the range of several</span>
    </div>
  );
}
