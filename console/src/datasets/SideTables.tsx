import { Select, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "@/api/client";
import { messageOf } from "@/api/errors";
import type { Inspected, ProductTable, SideTable } from "@/api/schema";
import { Notice } from "@/ui/Notice";
import classes from "./SideTables.module.css";
import { sideSource } from "./source";

export interface Sides {
  products?: ProductTable | null;
  customers?: SideTable | null;
}

type Side = keyof Sides;

const WORDS: Record<Side, { label: string; hint: string; role: string; example: string }> = {
  products: {
    label: "Table of products",
    hint: "Attributes of products. Products that nobody has bought are candidates too.",
    role: "product_id",
    example: "/data/catalogue.csv",
  },
  customers: {
    label: "Table of customers",
    hint: "Attributes of customers, one row each.",
    role: "customer_id",
    example: "/data/members.parquet",
  },
};

interface Props {
  sides: Sides;
  /** The events' column with a role. */
  columnOf: (role: string) => string | undefined;
  inBigQuery: boolean;
  onChange: (sides: Sides) => void;
  errors: Record<string, string>;
}

/** Tables beside the events, joined by their ids. */
export function SideTables({ sides, onChange, ...rest }: Props) {
  return (
    <Stack gap="lg">
      {(Object.keys(WORDS) as Side[]).map((side) => (
        <OneTable
          key={side}
          side={side}
          table={sides[side] ?? undefined}
          onChange={(table) => onChange({ ...sides, [side]: table })}
          {...rest}
        />
      ))}
    </Stack>
  );
}

interface OneProps extends Omit<Props, "sides" | "onChange"> {
  side: Side;
  table?: ProductTable;
  onChange: (table: ProductTable | null) => void;
}

function OneTable({ side, table, columnOf, inBigQuery, onChange, errors }: OneProps) {
  const { label, hint, role, example } = WORDS[side];
  const [path, setPath] = useState("");
  const look = useMutation({
    mutationFn: (text: string) =>
      answer(
        api.POST("/api/datasets/inspect/", {
          body: {
            source: sideSource(text, inBigQuery),
            column_mapping: {},
            where: [],
            events: null,
          },
        }),
      ),
    onSuccess: (found: Inspected) => {
      const names = found.columns.map(({ name }) => name);
      const own = columnOf(role);
      const guessed =
        names.find((name) => name === own) ??
        names.find((name) => found.column_mapping[name] === role) ??
        names.find((name) => name.toLowerCase() === "id") ??
        names[0];
      if (guessed !== undefined) onChange({ source: found.source, key: guessed });
    },
  });
  const settle = () => {
    if (path.trim()) look.mutate(path.trim());
    else onChange(null);
  };
  const columns = look.data?.columns ?? [];
  const named = (type?: string) =>
    columns.filter((column) => !type || column.type === type).map(({ name }) => name);
  return (
    <div>
      <TextInput
        label={label}
        description={hint}
        placeholder={inBigQuery ? "project.dataset.table" : example}
        value={path}
        onChange={(event) => setPath(event.currentTarget.value)}
        onBlur={settle}
        onKeyDown={(event) => event.key === "Enter" && settle()}
        error={errors[`spec.${side}.source.uri`] ?? errors[`spec.${side}.source.table`]}
        maw={640}
        spellCheck={false}
        autoComplete="off"
      />
      {look.error && <Notice tone="bad">{messageOf(look.error)}</Notice>}
      {table && columns.length > 0 && (
        <div className={classes.columns}>
          <Select
            label="Column of ids"
            value={table.key}
            onChange={(key) => key && onChange({ ...table, key })}
            data={named()}
            error={errors[`spec.${side}.key`]}
            allowDeselect={false}
          />
          <Select
            label="The latest row counts by"
            placeholder="No time"
            value={table.latest_by ?? null}
            onChange={(latest_by) => onChange({ ...table, latest_by })}
            data={named("TIMESTAMP")}
            error={errors[`spec.${side}.latest_by`]}
            clearable
          />
          {side === "products" && (
            <Select
              label="Available where true"
              placeholder="All are"
              value={table.available?.column ?? null}
              onChange={(column) =>
                onChange({
                  ...table,
                  available: column ? { column, op: "==", value: true, values: [] } : null,
                })
              }
              data={named("BOOLEAN")}
              error={errors["spec.products.available.column"]}
              clearable
            />
          )}
        </div>
      )}
    </div>
  );
}
