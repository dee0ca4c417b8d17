import type { Heatmap } from "@/api/schema";

export interface BestCell {
  /** `Learning rate 0.01, batch size 256` */
  settings: string;
  /** Of several tests with this combination, their mean. */
  value: number;
  /** The best of them. */
  testId: string;
}

/** The one best combination; null where several are equally good, or there is but one. */
export function bestOf({ cells, rows, columns }: Heatmap): BestCell | null {
  const found = cells.filter(({ best }) => best);
  const [cell] = found;
  if (!cell || found.length > 1 || cells.length < 2) return null;
  return {
    settings: `${rows.label} ${rows.values[cell.row]}, ${columns.label.toLowerCase()} ${columns.values[cell.column]}`,
    value: cell.value,
    testId: cell.quick_test_id,
  };
}
