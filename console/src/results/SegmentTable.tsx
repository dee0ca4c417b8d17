import type { ReactNode } from "react";
import type { SegmentRow, SegmentTable as Table } from "@/api/schema";
import { count } from "@/ui/format";
import table from "@/ui/table.module.css";
import { Wide } from "@/ui/Wide";
import classes from "./SegmentTable.module.css";

export interface Column {
  key: string;
  head: ReactNode;
  title?: string;
  cell: (row: SegmentRow) => ReactNode;
}

/** All held-out purchases, and below them each way in which they are split. */
export function SegmentTable({
  found,
  columns,
}: {
  found: Pick<Table, "whole" | "splits">;
  columns: Column[];
}) {
  return (
    <Wide label="Results by segment">
      <table className={`${table.table} ${classes.segments}`}>
        <thead>
          <tr>
            <th scope="col">Segment</th>
            <th scope="col" className={table.number}>
              Purchases
            </th>
            <th scope="col" className={table.number}>
              Customers
            </th>
            {columns.map(({ key, head, title }) => (
              <th key={key} scope="col" className={table.number} title={title}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Row row={found.whole} columns={columns} main />
        </tbody>
        {found.splits.map((split) => (
          <tbody key={split.name}>
            <tr>
              <th scope="rowgroup" colSpan={columns.length + 3}>
                {split.label}
                <span className={classes.help}>{split.help}</span>
              </th>
            </tr>
            {split.rows.map((row) => (
              <Row key={row.key} row={row} columns={columns} />
            ))}
          </tbody>
        ))}
      </table>
    </Wide>
  );
}

function Row({ row, columns, main }: { row: SegmentRow; columns: Column[]; main?: boolean }) {
  return (
    <tr className={main ? table.main : undefined}>
      <th scope="row">
        {row.label}
        {row.rule && <span className={classes.rule}>{row.rule}</span>}
      </th>
      <td className={table.number}>{count(row.rows)}</td>
      <td className={table.number}>{count(row.customers)}</td>
      {columns.map(({ key, cell }) => (
        <td key={key} className={table.number}>
          {cell(row)}
        </td>
      ))}
    </tr>
  );
}
