import { NumberInput, Select, Stack, TagsInput, TextInput } from "@mantine/core";
import { useState } from "react";
import type { ColumnType, FileOptions, FileSource, Inspected } from "@/api/schema";
import { Notice } from "@/ui/Notice";
import { delimiterOf, delimiterText, isText, spoken, withType } from "./options";
import { TYPE_WORDS } from "./statistics";
import classes from "./Understood.module.css";

interface Props {
  source: FileSource;
  inspected: Inspected;
  /** What was said; all else the files tell. */
  said: FileOptions;
  onSay: (options: FileOptions) => void;
}

const TYPES = Object.entries(TYPE_WORDS).map(([value, label]) => ({ value, label }));

/** How a source was understood, with its first rows; every guess can be changed. */
export function Understood({ source, inspected, said, onSay }: Props) {
  const { columns, rows, reasons, option_reasons: why, notes } = inspected;
  const read = inspected.source.kind === "bigquery" ? undefined : inspected.source.options;
  const say = (part: Partial<FileOptions>) => onSay({ ...said, ...part });
  return (
    <Stack gap="lg">
      <div className={classes.options}>
        {isText(source) && (
          <>
            <Typed
              label="Delimiter"
              value={delimiterText(read?.delimiter)}
              hint={why?.delimiter}
              onSay={(text) => say({ delimiter: delimiterOf(text) })}
            />
            <Typed
              label="Encoding"
              value={read?.encoding ?? ""}
              hint={why?.encoding}
              onSay={(text) => say({ encoding: spoken(text.trim()) })}
            />
            <NumberInput
              key={`header ${read?.header}`}
              label="Header line"
              description={why?.header ?? "0: there is none"}
              defaultValue={read?.header ?? ""}
              min={0}
              max={1000}
              allowDecimal={false}
              onBlur={({ currentTarget: { value } }) => {
                const header = value === "" ? null : Number(value);
                if (header !== (read?.header ?? null)) say({ header });
              }}
            />
            <Typed
              label="Quotation mark"
              value={read?.quote ?? ""}
              hint="Around values; empty for none"
              onSay={(text) => say({ quote: text })}
            />
          </>
        )}
        <Select
          label="Decimal mark"
          description="In numbers"
          placeholder="By the values"
          value={said.decimal ?? null}
          onChange={(mark) => say({ decimal: mark as FileOptions["decimal"] })}
          data={[
            { value: ".", label: "Point: 1234.5" },
            { value: ",", label: "Comma: 1234,5" },
          ]}
          clearable
        />
        <Select
          label="Order of dates"
          description="In dates such as 03/04/2024"
          placeholder="By the values"
          value={said.day_first == null ? null : said.day_first ? "day" : "month"}
          onChange={(order) => say({ day_first: order ? order === "day" : null })}
          data={[
            { value: "day", label: "Day first" },
            { value: "month", label: "Month first" },
          ]}
          clearable
        />
        <Typed
          label="Time zone"
          value={said.zone ?? ""}
          hint="Of times that name none; UTC"
          onSay={(text) => say({ zone: spoken(text.trim()) })}
        />
        <TagsInput
          label="Missing values"
          description="Texts that mean one, beside the usual"
          value={said.missing}
          onChange={(missing) => say({ missing })}
        />
      </div>
      <div className={classes.scroll}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Column</th>
              <th scope="col">Type</th>
              {rows?.map((_, place) => (
                <th scope="col" key={place}>
                  Row {place + 1}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {columns.map((column, place) => (
              <tr key={column.name}>
                <th scope="row">
                  <span className={classes.name}>{column.name}</span>
                  {reasons?.[column.name] && (
                    <span className={classes.why}>{reasons[column.name]}</span>
                  )}
                </th>
                <td>
                  <Select
                    className={classes.type}
                    size="xs"
                    aria-label={`Type of ${column.name}`}
                    value={column.type}
                    onChange={(type) => onSay(withType(said, column.name, type as ColumnType))}
                    data={TYPES}
                    allowDeselect={false}
                  />
                </td>
                {rows?.map((row, number) => (
                  <td key={number} title={row[place] ?? undefined}>
                    {row[place] ?? <span className={classes.missing}>missing</span>}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {notes?.map((note) => (
        <Notice key={note} tone="info">
          {note}
        </Notice>
      ))}
    </Stack>
  );
}

interface TypedProps {
  label: string;
  value: string;
  hint?: string;
  onSay: (text: string) => void;
}

/** A text that counts once one leaves the field. */
function Typed({ label, value, hint, onSay }: TypedProps) {
  const [text, setText] = useState<string>();
  const settle = () => {
    if (text !== undefined && text !== value) onSay(text);
    setText(undefined);
  };
  return (
    <TextInput
      label={label}
      description={hint}
      value={text ?? value}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={settle}
      onKeyDown={(event) => event.key === "Enter" && settle()}
      spellCheck={false}
      autoComplete="off"
    />
  );
}
