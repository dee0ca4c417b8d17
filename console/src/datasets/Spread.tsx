import type { Column } from "@/api/schema";

/** The distribution of a column's values, small. */
export function Spread({ column }: { column: Column }) {
  return <span>{column.statistics ? "" : ""}</span>;
}
