import { useElementSize } from "@mantine/hooks";
import type { EpochProgress } from "@/api/schema";
import { askedEpochs } from "@/results/words";
import { duration, number } from "@/ui/format";
import table from "@/ui/table.module.css";
import chart from "./chart.module.css";
import classes from "./LossCurve.module.css";
import { niceTicks } from "./scale";

const HEIGHT = 220;
const MARGIN = { top: 12, right: 84, bottom: 30, left: 52 };

interface Props {
  epochs: EpochProgress[];
  /** How many there will be. */
  planned: number;
}

/** The loss per epoch, on the rows trained with and on those that it is validated by, as it grows. */
export function LossCurve({ epochs: passes, planned }: Props) {
  const { ref, width } = useElementSize();
  // A pass over other rows has a loss of its own, which continues no curve.
  const epochs = askedEpochs(passes);
  const last = Math.max(planned, epochs.at(-1)?.epoch ?? 1);
  const held = epochs.filter((epoch) => typeof epoch.validation_loss === "number");
  const values = [
    ...epochs.map((epoch) => epoch.loss),
    ...held.map((epoch) => epoch.validation_loss as number),
  ];
  const ticks = niceTicks(Math.min(...values), Math.max(...values), 4);
  const [low, high] = [ticks[0] ?? 0, ticks.at(-1) ?? 1];
  const inner = Math.max(0, width - MARGIN.left - MARGIN.right);
  const x = (epoch: number): number =>
    MARGIN.left + (last === 1 ? inner / 2 : ((epoch - 1) / (last - 1)) * inner);
  const y = (loss: number): number =>
    MARGIN.top + (1 - (loss - low) / (high - low || 1)) * (HEIGHT - MARGIN.top - MARGIN.bottom);

  const curves = [
    { name: "training", kind: "train", points: epochs.map((e) => [e.epoch, e.loss] as const) },
    {
      name: "validation",
      kind: "held",
      points: held.map((e) => [e.epoch, e.validation_loss as number] as const),
    },
  ].filter(({ points }) => points.length > 0);
  const labels = spread(curves.map(({ points }) => y(points.at(-1)?.[1] ?? 0)));

  return (
    <figure className={classes.figure}>
      <div ref={ref} className={`${chart.canvas} ${classes.canvas}`} style={{ height: HEIGHT }}>
        {epochs.length === 0 ? (
          <p className={classes.none}>The curve starts after the first epoch.</p>
        ) : (
          width > 0 && (
            <svg width={width} height={HEIGHT} aria-hidden="true">
              {ticks.map((tick) => (
                <g key={tick}>
                  <path className={chart.line} d={`M${MARGIN.left} ${y(tick)}h${inner}`} />
                  <text x={MARGIN.left - 8} y={y(tick) + 4} textAnchor="end">
                    {number(tick)}
                  </text>
                </g>
              ))}
              {epochTicks(last).map((epoch) => (
                <text key={epoch} x={x(epoch)} y={HEIGHT - 10} textAnchor="middle">
                  {epoch === 1 ? "epoch 1" : epoch}
                </text>
              ))}
              {curves.map(({ name, kind, points }, place) => {
                const [endX, endY] = points.at(-1) ?? [1, 0];
                return (
                  <g key={kind} data-kind={kind} className={classes.curve}>
                    <polyline points={points.map(([a, b]) => `${x(a)},${y(b)}`).join(" ")} />
                    {points.length <= 30 &&
                      points.map(([a, b]) => <circle key={a} cx={x(a)} cy={y(b)} r={3.5} />)}
                    <text
                      x={x(endX) + 10}
                      y={(labels[place] ?? y(endY)) + 4}
                      className={classes.name}
                    >
                      {name}
                    </text>
                  </g>
                );
              })}
            </svg>
          )
        )}
      </div>
      <figcaption>
        <details className={classes.details}>
          <summary>Loss in numbers</summary>
          <div className={table.scroll}>
            <table className={table.table}>
              <thead>
                <tr>
                  <th scope="col">Epoch</th>
                  <th scope="col" className={table.number}>
                    Training loss
                  </th>
                  <th scope="col" className={table.number}>
                    Validation loss
                  </th>
                  <th scope="col" className={table.number}>
                    Duration
                  </th>
                </tr>
              </thead>
              <tbody>
                {passes.map((epoch) => (
                  <tr key={epoch.epoch}>
                    <th scope="row">{epoch.newest_rows ? "Newest purchases" : epoch.epoch}</th>
                    <td className={table.number}>{number(epoch.loss)}</td>
                    <td className={table.number}>{number(epoch.validation_loss)}</td>
                    <td className={table.number}>{duration(epoch.seconds)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </details>
      </figcaption>
    </figure>
  );
}

/** At most seven epochs to name, the first and the last among them. */
function epochTicks(last: number): number[] {
  const step = Math.ceil(last / 7);
  const found = Array.from({ length: Math.ceil(last / step) }, (_, n) => 1 + n * step);
  return found
    .filter((epoch) => epoch === 1 || last - epoch >= step / 2)
    .concat(last > 1 ? last : []);
}

/** Heights of labels, moved apart where they would lie on each other. */
function spread(heights: number[]): number[] {
  const [one, other] = heights;
  if (one === undefined || other === undefined || Math.abs(one - other) >= 16) return heights;
  const middle = (one + other) / 2;
  return one <= other ? [middle - 8, middle + 8] : [middle + 8, middle - 8];
}
