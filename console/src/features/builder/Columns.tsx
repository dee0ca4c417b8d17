import { useDraggable, useDroppable } from "@dnd-kit/core";
import { Button, TextInput, Title, Tooltip, UnstyledButton } from "@mantine/core";
import { IconGripVertical, IconPlus, IconSearch, IconWand } from "@tabler/icons-react";
import { useState } from "react";
import type { Column, FeatureConfigSpec } from "@/api/schema";
import { roleLabel, roleSide } from "@/datasets/roles";
import { TYPE_WORDS } from "@/datasets/statistics";
import { MEANINGS, meaningVariables } from "@/theme/meaning";
import { compact, day, number, plural } from "@/ui/format";
import { featuresField, TOWERS, type Tower } from "../spec";
import classes from "./Columns.module.css";
import card from "./card.module.css";
import { AVAILABLE, columnId } from "./drag";

const MANY = 10;

interface Props {
  columns: Column[];
  roles: Record<string, string>;
  spec: FeatureConfigSpec;
  onAdd: (column: string, tower: Tower) => void;
  onSmartDefaults: () => void;
}

/** The dataset's columns, to be dragged into the towers or put there by a button. */
export function Columns({ columns, roles, spec, onAdd, onSmartDefaults }: Props) {
  const { setNodeRef, isOver } = useDroppable({ id: AVAILABLE });
  const [wanted, setWanted] = useState("");
  const shown = columns.filter(({ name }) => name.toLowerCase().includes(wanted.toLowerCase()));
  return (
    <section
      ref={setNodeRef}
      className={classes.columns}
      data-over={isOver || undefined}
      aria-label="Available columns"
    >
      <div className={classes.header}>
        <Title order={2} className={classes.title}>
          Available columns
        </Title>
        <p className={classes.lead}>Drag them into a tower, or use the buttons.</p>
        <Button
          variant="default"
          size="xs"
          fullWidth
          leftSection={<IconWand size={15} />}
          onClick={onSmartDefaults}
        >
          Apply smart defaults
        </Button>
        {columns.length > MANY && (
          <TextInput
            size="xs"
            mt="xs"
            aria-label="Find a column"
            placeholder="Find a column"
            leftSection={<IconSearch size={14} />}
            value={wanted}
            onChange={(event) => setWanted(event.currentTarget.value)}
          />
        )}
      </div>
      <ul className={`${card.list} ${classes.list}`}>
        {shown.map((column) => (
          <Card
            key={column.name}
            column={column}
            role={roles[column.name]}
            used={TOWERS.filter((tower) =>
              spec[featuresField(tower)].some((feature) => feature.column === column.name),
            )}
            onAdd={onAdd}
          />
        ))}
      </ul>
    </section>
  );
}

interface CardProps {
  column: Column;
  role: string | undefined;
  used: Tower[];
  onAdd: (column: string, tower: Tower) => void;
}

function Card({ column, role, used, onAdd }: CardProps) {
  const { name } = column;
  const { setNodeRef, attributes, listeners, isDragging, setActivatorNodeRef } = useDraggable({
    id: columnId(name),
    data: { kind: "column", column: name },
  });
  const side = roleSide(role);
  return (
    <li
      ref={setNodeRef}
      className={`${card.card} ${classes.card}`}
      data-dragging={isDragging || undefined}
      data-used={used.length > 0 || undefined}
      {...listeners}
    >
      <UnstyledButton
        ref={setActivatorNodeRef}
        className={card.handle}
        {...attributes}
        {...listeners}
        aria-label={`Move ${name}`}
      >
        <IconGripVertical size={16} aria-hidden="true" />
      </UnstyledButton>
      <div className={classes.what}>
        <div className={`${card.name} ${classes.name}`} data-side={side ?? undefined} title={name}>
          {name}
        </div>
        <div className={classes.facts}>
          <span title={column.type}>{TYPE_WORDS[column.type]}</span> · {fact(column)}
        </div>
        {role && <div className={classes.facts}>{roleLabel(role)}</div>}
      </div>
      <div className={classes.adders}>
        {TOWERS.map((tower) => {
          const there = used.includes(tower);
          const label = there
            ? `${name} is in the ${tower} tower`
            : `Put ${name} into the ${tower} tower`;
          return (
            <Tooltip key={tower} label={label}>
              <UnstyledButton
                className={classes.add}
                style={meaningVariables(tower)}
                data-there={there || undefined}
                aria-disabled={there}
                aria-label={label}
                onPointerDown={(event) => event.stopPropagation()}
                onKeyDown={(event) => event.stopPropagation()}
                onClick={() => !there && onAdd(name, tower)}
              >
                {there ? (
                  <span aria-hidden="true">✓</span>
                ) : (
                  <IconPlus size={12} stroke={2.4} aria-hidden="true" />
                )}
                {MEANINGS[tower].label}
              </UnstyledButton>
            </Tooltip>
          );
        })}
      </div>
    </li>
  );
}

/** What matters of a column when one decides where it goes. */
function fact(column: Column): string {
  const found = column.statistics;
  if (!found) return "not read yet";
  if (column.type === "TIMESTAMP") return `${day(found.min)} – ${day(found.max)}`;
  if (column.type === "FLOAT" || column.type === "INTEGER") {
    const range = `${number(found.min)} – ${number(found.max)}`;
    return column.type === "INTEGER" ? `${range}, ${compact(found.unique_count)} unique` : range;
  }
  return found.unique_count < 1000
    ? plural(found.unique_count, "value")
    : `${compact(found.unique_count)} values`;
}
