import { Button, Collapse, Select, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconFilter, IconSearch, IconX } from "@tabler/icons-react";
import { type ReactNode, useId } from "react";
import { useAtOnce } from "@/ui/useAtOnce";
import classes from "./FilterBar.module.css";

export interface FilterField {
  /** In the address. */
  name: string;
  label: string;
  /** What is shown while nothing is chosen. */
  all: string;
  data: { value: string; label: string }[];
}

interface Props {
  /** What the search finds, to be read out. */
  find: string;
  fields: FilterField[];
  filters: Record<string, string | null>;
  set: (changes: Record<string, string | null>) => void;
  /** How many are shown, of how many. */
  count: string;
  /** What stands in the same line: the order, the view. */
  children?: ReactNode;
}

/** A line to search and filter a list: what it is filtered by can be seen and taken off below. */
export function FilterBar({ find, fields, filters, set, count, children }: Props) {
  const [open, { toggle }] = useDisclosure(false);
  const [text, type] = useAtOnce(filters.q ?? "", (q) => set({ q }));
  const panel = useId();
  const active = fields.filter(({ name }) => filters[name]);
  return (
    <search className={classes.search}>
      <div className={classes.line}>
        <TextInput
          className={classes.text}
          aria-label={find}
          placeholder="Search names"
          leftSection={<IconSearch size={16} stroke={1.7} />}
          value={text}
          onChange={(event) => type(event.currentTarget.value)}
          size="sm"
        />
        <Button
          variant="default"
          leftSection={<IconFilter size={15} />}
          rightSection={
            active.length > 0 && <span className={classes.number}>{active.length}</span>
          }
          onClick={toggle}
          aria-label={active.length ? `Filters, ${active.length} active` : undefined}
          aria-expanded={open}
          aria-controls={panel}
        >
          Filters
        </Button>
        {children}
        <p className={classes.count} aria-live="polite">
          {count}
        </p>
      </div>
      <Collapse expanded={open} id={panel}>
        <div className={classes.panel}>
          {fields.map(({ name, label, all, data }) => (
            <Select
              key={name}
              label={label}
              placeholder={all}
              data={data}
              value={filters[name] ?? null}
              onChange={(value) => set({ [name]: value })}
              clearable
              searchable={data.length > 7}
              nothingFoundMessage={data.length ? "No match." : "There are none yet."}
              size="sm"
            />
          ))}
        </div>
      </Collapse>
      {active.length > 0 && (
        <ul className={classes.chips} aria-label="Active filters">
          {active.map(({ name, label, data }) => {
            const value = data.find((one) => one.value === filters[name])?.label ?? filters[name];
            return (
              <li key={name}>
                <button
                  type="button"
                  className={classes.chip}
                  onClick={() => set({ [name]: null })}
                  title={`${label}: ${value}`}
                  aria-label={`Remove the filter ${label}: ${value}`}
                >
                  <span>
                    {label}: <b>{value}</b>
                  </span>
                  <IconX size={13} aria-hidden="true" />
                </button>
              </li>
            );
          })}
          {active.length > 1 && (
            <li>
              <button
                type="button"
                className={classes.clear}
                onClick={() => set(Object.fromEntries(active.map(({ name }) => [name, null])))}
              >
                Remove all
              </button>
            </li>
          )}
        </ul>
      )}
    </search>
  );
}
