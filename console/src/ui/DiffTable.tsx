import classes from "./DiffTable.module.css";
import type { Difference } from "./diff";
import { Wide } from "./Wide";

const WORDS = { added: "Added", removed: "Removed", changed: "Changed", moved: "Reordered" };

interface Props {
  differences: Difference[];
  before: string;
  after: string;
}

/** What two versions of a document say differently. */
export function DiffTable({ differences, before, after }: Props) {
  if (differences.length === 0) {
    return <p className={classes.none}>No differences.</p>;
  }
  return (
    <Wide label="What differs">
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Setting</th>
            <th scope="col">{before}</th>
            <th scope="col">{after}</th>
          </tr>
        </thead>
        <tbody>
          {differences.map((difference) => (
            <tr key={`${difference.kind} ${difference.path.join(".")}`}>
              <th scope="row">
                <span className={classes.kind} data-kind={difference.kind}>
                  {WORDS[difference.kind]}
                </span>
                <span className={classes.path}>{difference.path.map(step).join(" › ")}</span>
              </th>
              <td className={classes.before}>{shown(difference.before)}</td>
              <td className={classes.after}>{shown(difference.after)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}

/** Fields in words; the second step may be the name of a column, which stays as it is. */
function step(name: string, place: number): string {
  return place === 1 ? name : words(name);
}

function words(name: string): string {
  return name.replace(/_/g, " ");
}

/** A value as text, short enough for a cell. */
function shown(value: unknown): string {
  if (value === undefined || value === null) return "–";
  if (typeof value === "boolean") return value ? "on" : "off";
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return value.map(shown).join(", ");
  return Object.entries(value)
    .filter(([, item]) => item !== null)
    .map(([name, item]) => `${words(name)}: ${shown(item)}`)
    .join("; ");
}
