import { Button, Group, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import type { Column, TensorPart } from "@/api/schema";
import { Spread } from "@/datasets/Spread";
import { TYPE_WORDS } from "@/datasets/statistics";
import { MEANINGS, meaningVariables } from "@/theme/meaning";
import { Dialog } from "@/ui/Dialog";
import { count, day, number } from "@/ui/format";
import { Notice } from "@/ui/Notice";
import type { Tower } from "../spec";
import classes from "./ModalFrame.module.css";

interface Props {
  title: string;
  tower: Tower;
  /** The column that it is about, if it is one. */
  column?: Column;
  /** What it adds to the tower's input, live. */
  parts: TensorPart[];
  warning?: string | null;
  apply: string;
  /** Whether it can be applied as it is. */
  ready?: boolean;
  onApply: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** What settings dialogs have in common: facts above, settings, the live total below. */
export function ModalFrame(props: Props) {
  const { title, tower, column, parts, onApply, onClose, ready = true } = props;
  const total = parts.reduce((sum, { dim }) => sum + dim, 0);
  return (
    <Dialog
      onClose={onClose}
      size="lg"
      title={
        <>
          {title}{" "}
          <span className={classes.tower} style={meaningVariables(tower)}>
            {MEANINGS[tower].label} tower
          </span>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!ready) return;
          onApply();
          onClose();
        }}
      >
        <Stack gap="lg">
          {column && <Facts column={column} />}
          {props.children}
          {props.warning && <Notice tone="warning">{props.warning}</Notice>}
        </Stack>
        <div className={classes.footer} style={meaningVariables(tower)}>
          <output className={classes.total} aria-label="Total width of the feature">
            <strong>+{total}D</strong>
            <span className={classes.sum}>
              {parts.length > 1
                ? parts.map(({ name, dim }) => `${name} ${dim}`).join(" + ")
                : "wider input of the tower"}
            </span>
          </output>
          <Group gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={!ready}>
              {props.apply}
            </Button>
          </Group>
        </div>
      </form>
    </Dialog>
  );
}

/** What was found in the column. */
function Facts({ column }: { column: Column }) {
  const found = column.statistics;
  const facts: [string, string][] = [["Type", `${TYPE_WORDS[column.type]} (${column.type})`]];
  if (found) {
    facts.push(["Unique values", count(found.unique_count)]);
    if (found.null_count) facts.push(["Missing", count(found.null_count)]);
    if (column.type === "TIMESTAMP") {
      facts.push(["Period", `${day(found.min)} – ${day(found.max)}`]);
    } else if (found.min !== null && found.min !== undefined) {
      facts.push(["Range", `${number(found.min)} – ${number(found.max)}`]);
      facts.push(["Mean", number(found.mean)]);
      facts.push(["Median", number(found.median)]);
      facts.push(["Standard deviation", number(found.std)]);
    }
  }
  return (
    <div className={classes.facts}>
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {found && <Spread column={column} />}
      {found && found.samples.length > 0 && column.type !== "FLOAT" && (
        <p className={classes.samples} title={found.samples.join(", ")}>
          <span>For example</span> {found.samples.map((sample) => `“${sample}”`).join(", ")}
        </p>
      )}
    </div>
  );
}
