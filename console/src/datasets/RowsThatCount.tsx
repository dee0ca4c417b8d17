import { Button, CloseButton, Group, NumberInput, Select, Stack, TextInput } from "@mantine/core";
import type { Column, Dates, Events, RowFilter } from "@/api/schema";
import classes from "./SideTables.module.css";

export interface Counting {
  where: RowFilter[];
  dates?: Dates | null;
  events?: Events | null;
}

interface Props {
  columns: Column[];
  counting: Counting;
  onChange: (counting: Counting) => void;
  errors: Record<string, string>;
}

const PARTS = [
  { value: "target", label: "A purchase: learned and measured" },
  { value: "history", label: "History alone: read as the past" },
  { value: "negative", label: "Takes a purchase back" },
  { value: "left_out", label: "Left out" },
];
type Part = Events["kinds"][string];
const WEIGHED: readonly Part[] = ["target", "history"];
const OPS = ["==", "!=", "<", "<=", ">", ">=", "in", "not in", "missing", "present"] as const;
const ALONE: readonly string[] = ["missing", "present"];
const LISTED: readonly string[] = ["in", "not in"];

/** Which rows are read, and as what. */
export function RowsThatCount({ columns, counting, onChange, errors }: Props) {
  const { where, dates, events } = counting;
  const change = (part: Partial<Counting>) => onChange({ ...counting, ...part });
  const bound = (part: Partial<Dates>) => {
    const both = { ...dates, ...part };
    change({ dates: both.since || both.until ? both : null });
  };
  return (
    <Stack gap="md">
      {events && (
        <div>
          <Group justify="space-between" maw={704}>
            <strong>Kinds of events in {events.column}</strong>
            <Button size="xs" variant="subtle" onClick={() => change({ events: null })}>
              Every row is a purchase
            </Button>
          </Group>
          <div className={classes.columns}>
            {Object.entries(events.kinds).map(([kind, part]) => (
              <OneKind
                key={kind}
                kind={kind}
                part={part}
                weight={events.weights?.[kind]}
                onChange={(meant, weight) =>
                  change({ events: withKind(events, kind, meant, weight) })
                }
                error={errors[`spec.events.weights.${kind}`] ?? errors[`spec.events.kinds.${kind}`]}
              />
            ))}
          </div>
        </div>
      )}
      <div className={classes.columns}>
        <TextInput
          type="date"
          label="From"
          value={dates?.since?.slice(0, 10) ?? ""}
          onChange={({ currentTarget: { value } }) => bound({ since: value || null })}
          error={errors["spec.dates.since"] ?? errors["spec.dates"]}
        />
        <TextInput
          type="date"
          label="Until, not included"
          value={dates?.until?.slice(0, 10) ?? ""}
          onChange={({ currentTarget: { value } }) => bound({ until: value || null })}
          error={errors["spec.dates.until"]}
        />
      </div>
      {where.map((one, place) => (
        <OneCondition
          key={place}
          condition={one}
          columns={columns}
          onChange={(changed) =>
            change({ where: where.map((other, at) => (at === place ? changed : other)) })
          }
          onRemove={() => change({ where: where.filter((_, at) => at !== place) })}
          error={
            Object.entries(errors).find(([path]) => path.startsWith(`spec.where[${place}]`))?.[1]
          }
        />
      ))}
      <Group>
        <Button
          variant="default"
          size="xs"
          onClick={() =>
            change({
              where: [...where, { column: columns[0]?.name ?? "", op: "present", values: [] }],
            })
          }
        >
          Add a condition
        </Button>
      </Group>
    </Stack>
  );
}

interface KindProps {
  kind: string;
  part: Part;
  weight?: number;
  onChange: (part: Part, weight?: number) => void;
  error?: string;
}

/** What events of a kind are, and what one counts in histories. */
function OneKind({ kind, part, weight, onChange, error }: KindProps) {
  const name = kind || "no kind";
  return (
    <Group align="flex-start" wrap="nowrap" gap="xs">
      <Select
        label={name}
        value={part}
        onChange={(meant) => meant && onChange(meant as Part, weight)}
        data={PARTS}
        allowDeselect={false}
        error={error}
        flex={1}
      />
      {WEIGHED.includes(part) && (
        <NumberInput
          label="Weight"
          aria-label={`Weight of ${name} in histories`}
          value={weight ?? 1}
          onChange={(value) => typeof value === "number" && onChange(part, value)}
          step={0.1}
          w={84}
        />
      )}
    </Group>
  );
}

/** The kinds with another part, or weight, of one. */
export function withKind(events: Events, kind: string, part: Part, weight?: number): Events {
  const weights = { ...events.weights };
  delete weights[kind];
  if (weight !== undefined && weight !== 1 && WEIGHED.includes(part)) weights[kind] = weight;
  return { ...events, kinds: { ...events.kinds, [kind]: part }, weights };
}

interface OneProps {
  condition: RowFilter;
  columns: Column[];
  onChange: (condition: RowFilter) => void;
  onRemove: () => void;
  error?: string;
}

function OneCondition({ condition, columns, onChange, onRemove, error }: OneProps) {
  const type = columns.find(({ name }) => name === condition.column)?.type ?? "STRING";
  const text = LISTED.includes(condition.op)
    ? condition.values.join(", ")
    : String(condition.value ?? "");
  return (
    <Group align="flex-end" maw={704} wrap="nowrap">
      <Select
        label="Column"
        value={condition.column}
        onChange={(column) => column && onChange({ ...condition, column })}
        data={columns.map(({ name }) => name)}
        error={error}
        searchable
        allowDeselect={false}
      />
      <Select
        aria-label="Comparison"
        value={condition.op}
        onChange={(op) => op && onChange(said(condition.column, op as RowFilter["op"], text, type))}
        data={[...OPS]}
        w={120}
        allowDeselect={false}
      />
      {!ALONE.includes(condition.op) && (
        <TextInput
          aria-label="Value"
          key={`${condition.column} ${condition.op}`}
          defaultValue={text}
          placeholder={LISTED.includes(condition.op) ? "web, app" : ""}
          onBlur={({ currentTarget: { value } }) =>
            onChange(said(condition.column, condition.op, value, type))
          }
        />
      )}
      <CloseButton aria-label="Remove the condition" onClick={onRemove} />
    </Group>
  );
}

/** A condition with a text as its value, or values, by the column's type. */
export function said(
  column: string,
  op: RowFilter["op"],
  text: string,
  type: Column["type"],
): RowFilter {
  if (ALONE.includes(op)) return { column, op, values: [] };
  if (!LISTED.includes(op)) return { column, op, value: typed(text.trim(), type), values: [] };
  const values = text.split(",").map((part) => typed(part.trim(), type));
  return { column, op, values };
}

function typed(text: string, type: Column["type"]): string | number | boolean {
  const number = type === "INTEGER" || type === "FLOAT";
  if (number && text !== "" && Number.isFinite(Number(text))) return Number(text);
  if (type === "BOOLEAN" && /^(true|false)$/i.test(text)) return text.toLowerCase() === "true";
  return text;
}
