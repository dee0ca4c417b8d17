import { Button, CloseButton, Select, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { catalogue } from "@/api/catalogue";
import { errorsUnder } from "@/api/errors";
import type { Column, ReadableColumn, Rules } from "@/api/schema";
import { NumberField } from "@/ui/NumberField";
import { FilterFields } from "./FilterFields";
import classes from "./RulesForm.module.css";
import { begun } from "./rules";

interface Props {
  rules: Rules;
  onChange: (rules: Rules) => void;
  /** That rules can read. */
  columns: ReadableColumn[];
  /** Of the dataset, for their frequent values. */
  described?: Column[];
  /** Messages by field path. */
  errors?: Record<string, string>;
  /** Path of the rules in those. */
  path?: string;
}

const FIRST_PLACE = 1;
const FIRST_CAP = 2;

/** Filters, caps and pins, to be put together by hand. */
export function RulesForm({
  rules,
  onChange,
  columns,
  described = [],
  errors = {},
  path = "rules",
}: Props) {
  const { filters, caps, pins } = rules;
  const names = columns.map(({ name }) => name);
  const kinds = catalogue().filters.map(({ name, label }) => ({ value: name, label }));
  const only = names.length === 1 ? (names[0] ?? "") : "";
  const put = <Part extends keyof Rules>(part: Part, rows: Rules[Part]) =>
    onChange({ ...rules, [part]: rows });
  const said = (row: string) => errorsUnder(errors, `${path}.${row}`);
  return (
    <div>
      <Group
        title="Filters"
        help="A product is listed only where all filters keep it."
        add="Add a filter"
        onAdd={() => {
          const first = kinds[0];
          if (first) put("filters", [...filters, begun(first.value)]);
        }}
        rows={filters.map((one, at) => (
          <Row
            key={at}
            label={`Remove filter ${at + 1}`}
            onRemove={() => put("filters", without(filters, at))}
            errors={said(`filters[${at}]`)}
          >
            <Select
              label="Filter"
              data={kinds}
              value={one.type}
              allowDeselect={false}
              onChange={(type) => type && put("filters", replaced(filters, at, begun(type, one)))}
            />
            <FilterFields
              filter={one}
              onChange={(next) => put("filters", replaced(filters, at, next))}
              columns={columns}
              described={described}
            />
          </Row>
        ))}
      />
      <Group
        title="Caps"
        help="At most so many products of one value, counted from the best down."
        add="Add a cap"
        onAdd={() => put("caps", [...caps, { column: only, at_most: FIRST_CAP }])}
        rows={caps.map((one, at) => (
          <Row
            key={at}
            label={`Remove cap ${at + 1}`}
            onRemove={() => put("caps", without(caps, at))}
            errors={said(`caps[${at}]`)}
          >
            <NumberField
              label="At most"
              value={one.at_most}
              onChange={(at_most) => put("caps", replaced(caps, at, { ...one, at_most }))}
              min={1}
              max={1000}
              integer
            />
            <Select
              label="Of each"
              placeholder="Choose a column"
              data={names}
              value={one.column || null}
              onChange={(column) =>
                put("caps", replaced(caps, at, { ...one, column: column ?? "" }))
              }
              searchable
            />
          </Row>
        ))}
      />
      <Group
        title="Pinned products"
        help="Each at its place, if all filters keep it."
        add="Pin a product"
        onAdd={() => {
          const taken = pins.map(({ place }) => place);
          put("pins", [
            ...pins,
            { product_id: "", place: Math.max(FIRST_PLACE - 1, ...taken) + 1 },
          ]);
        }}
        rows={pins.map((one, at) => (
          <Row
            key={at}
            label={`Remove pin ${at + 1}`}
            onRemove={() => put("pins", without(pins, at))}
            errors={said(`pins[${at}]`)}
          >
            <NumberField
              label="Place"
              value={one.place}
              onChange={(place) => put("pins", replaced(pins, at, { ...one, place }))}
              min={1}
              max={1000}
              integer
            />
            <TextInput
              label="Product"
              placeholder="Its id"
              value={one.product_id}
              onChange={(event) =>
                put("pins", replaced(pins, at, { ...one, product_id: event.currentTarget.value }))
              }
              maxLength={1000}
            />
          </Row>
        ))}
      />
    </div>
  );
}

interface GroupProps {
  title: string;
  help: string;
  add: string;
  onAdd: () => void;
  rows: ReactNode[];
}

function Group({ title, help, add, onAdd, rows }: GroupProps) {
  return (
    <fieldset className={classes.group}>
      <legend className={classes.legend}>{title}</legend>
      <p className={classes.help}>{help}</p>
      {rows.length > 0 && <ul className={classes.rows}>{rows}</ul>}
      <Button
        variant="default"
        size="xs"
        leftSection={<IconPlus size={14} aria-hidden="true" />}
        onClick={onAdd}
      >
        {add}
      </Button>
    </fieldset>
  );
}

interface RowProps {
  label: string;
  onRemove: () => void;
  errors: string[];
  children: ReactNode;
}

function Row({ label, onRemove, errors, children }: RowProps) {
  return (
    <li className={classes.row}>
      <div className={classes.line}>
        <div className={classes.fields}>{children}</div>
        <CloseButton className={classes.remove} aria-label={label} onClick={onRemove} />
      </div>
      {errors.map((message) => (
        <p key={message} className={classes.error} role="alert">
          {message}
        </p>
      ))}
    </li>
  );
}

function replaced<One>(all: One[], at: number, by: One): One[] {
  return all.map((one, place) => (place === at ? by : one));
}

function without<One>(all: One[], at: number): One[] {
  return all.filter((_, place) => place !== at);
}
