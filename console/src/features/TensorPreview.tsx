import type { FeatureConfigSpec, TensorPart } from "@/api/schema";
import { MEANINGS, meaningVariables } from "@/theme/meaning";
import { Section } from "@/ui/Section";
import { TOWERS, type Tower, towerParts, width } from "./spec";
import classes from "./TensorPreview.module.css";

interface Props {
  spec: FeatureConfigSpec;
  /** Sample vectors, where there are some. */
  samples?: React.ReactNode;
}

/** How wide each tower's input is, and what it is made of. */
export function TensorPreview({ spec, samples }: Props) {
  const parts = { buyer: towerParts(spec, "buyer"), product: towerParts(spec, "product") };
  // One scale for both, so that bars can be compared across the towers.
  const widest = Math.max(1, ...TOWERS.flatMap((tower) => parts[tower].map(({ dim }) => dim)));
  return (
    <Section
      title="Tensor preview"
      lead="The row of numbers that each tower is fed: how many there are, and where they come from."
    >
      <div className={classes.towers}>
        {TOWERS.map((tower) => (
          <Tensor key={tower} tower={tower} parts={parts[tower]} widest={widest} />
        ))}
      </div>
      {samples}
    </Section>
  );
}

function Tensor({ tower, parts, widest }: { tower: Tower; parts: TensorPart[]; widest: number }) {
  const total = width(parts);
  return (
    <div style={meaningVariables(tower)}>
      <div className={classes.head}>
        <span className={classes.tower}>{MEANINGS[tower].label} tensor</span>
        <span className={classes.total}>
          {total}D{total > 0 && <span className={classes.term}> in {parts.length} parts</span>}
        </span>
      </div>
      {total > 0 && (
        <div className={classes.strip} aria-hidden="true">
          {parts.map((part, place) => (
            <span
              key={part.name}
              className={classes.share}
              data-even={place % 2 === 0 || undefined}
              style={{ flexGrow: part.dim }}
            />
          ))}
        </div>
      )}
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Part</th>
            <th scope="col">Numbers</th>
            <th scope="col" aria-label="Share" />
          </tr>
        </thead>
        <tbody>
          {parts.map((part) => (
            <tr key={part.name}>
              <th scope="row">{part.name}</th>
              <td className={classes.dim}>{part.dim}D</td>
              <td className={classes.barCell}>
                <div
                  className={classes.bar}
                  style={{ width: `${Math.max(2, (100 * part.dim) / widest)}%` }}
                />
              </td>
            </tr>
          ))}
          {parts.length === 0 && (
            <tr>
              <td colSpan={3} className={classes.none}>
                No column is in this tower yet.
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}
