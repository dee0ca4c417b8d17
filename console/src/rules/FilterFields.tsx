import { Select, TagsInput } from "@mantine/core";
import { boundsOf } from "@/api/catalogue";
import type { Column, ReadableColumn } from "@/api/schema";
import { NumberField } from "@/ui/NumberField";
import classes from "./RulesForm.module.css";
import { filterSettings, type RuleFilter, typedValues, usualValues } from "./rules";

interface Props {
  filter: RuleFilter;
  onChange: (filter: RuleFilter) => void;
  columns: ReadableColumn[];
  described: Column[];
}

/** The settings of a filter, by what the server says of its kind. */
export function FilterFields({ filter, onChange, columns, described }: Props) {
  const settings = filterSettings(filter.type);
  const values = filter as Record<string, unknown>;
  const column = String(values.column ?? "");
  const isNumber = columns.some(({ name, type }) => name === column && type === "number");
  const set = (name: string, value: unknown) =>
    onChange({ ...filter, [name]: value } as RuleFilter);
  const ranged = settings.some(({ name, type }) => name !== "column" && type === "number");
  return settings.map((setting) => {
    const { name, label, type, required } = setting;
    if (name === "column") {
      const fitting = ranged ? columns.filter((one) => one.type === "number") : columns;
      const data = fitting.map((one) => one.name);
      return (
        <Select
          key={name}
          label={label}
          placeholder="Choose a column"
          data={column && !data.includes(column) ? [...data, column] : data}
          value={column || null}
          onChange={(chosen) => set(name, chosen ?? "")}
          nothingFoundMessage="No such column"
          searchable
        />
      );
    }
    if (type === "array") {
      const ofColumn = settings.some((one) => one.name === "column");
      return (
        <TagsInput
          key={name}
          className={classes.values}
          label={label}
          placeholder={(values[name] as unknown[]).length ? undefined : "Enter after each"}
          data={ofColumn ? usualValues(described, column) : []}
          value={(values[name] as unknown[]).map(String)}
          onChange={(texts) => set(name, typedValues(texts, ofColumn && isNumber))}
          // A value of a column may have a comma in it.
          splitChars={ofColumn ? [] : [","]}
          acceptValueOnBlur
          styles={{ pill: { width: "fit-content" } }}
        />
      );
    }
    return (
      <NumberField<number | null>
        key={name}
        label={label}
        value={(values[name] as number | null | undefined) ?? null}
        onChange={(value) => set(name, value)}
        empty={required ? "A number" : "Any"}
        {...boundsOf(setting)}
      />
    );
  });
}
