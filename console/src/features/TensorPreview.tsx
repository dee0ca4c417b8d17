import type { DescribedFeatures, TensorDims } from "@/api/schema";
import { MEANINGS, meaningVariables } from "@/theme/meaning";
import { plural } from "@/ui/format";
import { Section } from "@/ui/Section";
import { TOWERS, type Tower } from "./spec";
import classes from "./TensorPreview.module.css";

interface Props {
  described: DescribedFeatures | undefined;
  /** Sample vectors, where there are some. */
  samples?: React.ReactNode;
}

const NOTHING: TensorDims = { total: 0, breakdown: [] };

/** How wide each tower's input is, and what it is made of. */
export function TensorPreview({ described, samples }: Props) {
  const tensors = {
    buyer: described?.buyer.tensor ?? NOTHING,
    product: described?.product.tensor ?? NOTHING,
  };
  // One scale for both, so that bars can be compared across the towers.
  const widest = Math.max(
    1,
    ...TOWERS.flatMap((tower) => tensors[tower].breakdown.map(({ dim }) => dim)),
  );
  return (
    <Section
      title="Tensor preview"
      lead="The input of each tower: how wide it is, and what it is made of."
    >
      <div className={classes.towers}>
        {TOWERS.map((tower) => (
          <Tensor key={tower} tower={tower} tensor={tensors[tower]} widest={widest} />
        ))}
      </div>
      {samples}
    </Section>
  );
}

interface TensorProps {
  tower: Tower;
  tensor: TensorDims;
  widest: number;
}

function Tensor({ tower, tensor: { total, breakdown: parts }, widest }: TensorProps) {
  return (
    <div style={meaningVariables(tower)}>
      <div className={classes.head}>
        <span className={classes.tower}>{MEANINGS[tower].label} tensor</span>
        <span className={classes.total}>
          {total}D
          {total > 0 && <span className={classes.term}> in {plural(parts.length, "part")}</span>}
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
            <th scope="col">Width</th>
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
                There are no columns in this tower yet.
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}
