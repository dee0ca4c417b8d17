import { Checkbox, UnstyledButton } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { Link } from "react-router";
import { quickTests } from "@/api/quickTests";
import type { QuickTestSummary } from "@/api/schema";
import { Tags } from "@/marks/Tags";
import { saidRange } from "@/results/metrics";
import { STANDING_TONE } from "@/results/verdict";
import { moment } from "@/ui/format";
import { StatusBadge } from "@/ui/StatusBadge";
import table from "@/ui/table.module.css";
import { Wide } from "@/ui/Wide";
import { testState } from "../stages";
import { type Column, nextSort } from "./columns";
import { RowMenu } from "./RowMenu";
import classes from "./RunsTable.module.css";

interface Props {
  tests: QuickTestSummary[];
  columns: Column[];
  sort: string | null;
  onSort: (sort: string | null) => void;
  chosen: string[];
  onChoose: (id: string, on: boolean) => void;
}

/** Tests line by line, with the columns that somebody has chosen. */
export function RunsTable({ tests, columns, sort, onSort, chosen, onChoose }: Props) {
  return (
    <Wide label="Table of tests">
      <table className={`${table.table} ${classes.table}`}>
        <thead>
          <tr>
            <td />
            <th scope="col">Test</th>
            {columns.map((column) => (
              <Head key={column.key} column={column} sort={sort} onSort={onSort} />
            ))}
            <td />
          </tr>
        </thead>
        <tbody>
          {tests.map((test) => (
            <tr key={test.id} data-chosen={chosen.includes(test.id) || undefined}>
              <td className={classes.choose}>
                <Checkbox
                  checked={chosen.includes(test.id)}
                  onChange={(event) => onChoose(test.id, event.currentTarget.checked)}
                  aria-label={`Select ${test.name}`}
                />
              </td>
              <th scope="row" className={classes.name}>
                <Link to={quickTests.path(test.id)} title={test.name}>
                  {test.name}
                </Link>
                {!columns.some(({ key }) => key === "tags") && <Tags marks={test.marks} />}
              </th>
              {columns.map((column) => (
                <td
                  key={column.key}
                  className={
                    column.numeric && !column.key.startsWith("setting:")
                      ? table.number
                      : classes.text
                  }
                >
                  <Cell column={column} test={test} />
                </td>
              ))}
              <td className={classes.menu}>
                <RowMenu test={test} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}

interface HeadProps {
  column: Column;
  sort: string | null;
  onSort: (sort: string | null) => void;
}

function Head({ column: { key, label, numeric }, sort, onSort }: HeadProps) {
  const right = numeric && !key.startsWith("setting:");
  const [up, down] = [sort === key, sort === `-${key}`];
  return (
    <th
      scope="col"
      className={right ? table.number : undefined}
      aria-sort={up ? "ascending" : down ? "descending" : undefined}
    >
      <UnstyledButton className={classes.sort} onClick={() => onSort(nextSort(sort, key))}>
        {label}
        {up && <IconArrowUp size={13} aria-hidden="true" />}
        {down && <IconArrowDown size={13} aria-hidden="true" />}
      </UnstyledButton>
    </th>
  );
}

function Cell({ column, test }: { column: Column; test: QuickTestSummary }) {
  const { status } = test;
  if (column.key === "state") {
    const { tone, label } = testState(status.state);
    return <StatusBadge tone={tone}>{label}</StatusBadge>;
  }
  if (column.key === "verdict" && status.verdict) {
    const { standing, label } = status.verdict;
    return <StatusBadge tone={STANDING_TONE[standing]}>{label}</StatusBadge>;
  }
  if (column.key === "tags" && (test.marks.tags.length > 0 || test.marks.pinned)) {
    return <Tags marks={test.marks} />;
  }
  if (column.key === "started")
    return <span title={moment(test.created_at)}>{column.text(test)}</span>;
  const interval = column.interval?.(test);
  const text = column.text(test);
  return (
    <>
      <span className={classes.value} title={text.length > 40 ? text : undefined}>
        {text.replaceAll("→", "→\u200b") /* where a line may end */}
      </span>
      {interval && (
        <span className={classes.range}>
          {saidRange(column.key.replace("metric:", ""), interval)}
        </span>
      )}
    </>
  );
}
