import { closestCenter, DndContext, type DragEndEvent } from "@dnd-kit/core";
import { SortableContext, verticalListSortingStrategy } from "@dnd-kit/sortable";
import type { ReactNode } from "react";
import type { PartParameters, Problem } from "@/api/schema";
import { meaningVariables } from "@/theme/meaning";
import { count, plural } from "@/ui/format";
import { Said } from "@/ui/Said";
import { AddLayer } from "./AddLayer";
import { type Block, moved, outputOf, removed } from "./draft";
import { announcements, INSTRUCTIONS, placeOf, useDragging, vertically } from "./dragging";
import { LayerBlock } from "./LayerBlock";
import { PARTS, type Part } from "./layers";
import classes from "./StackBuilder.module.css";
import { partWords } from "./sizes";
import type { Trial } from "./useTrial";

interface Props {
  part: Part;
  blocks: Block[];
  trial: Trial & { stale: boolean };
  parameters: PartParameters | null | undefined;
  problems: Problem[];
  /** What the first layer gets. */
  input: ReactNode;
  action?: ReactNode;
  onChange: (blocks: Block[]) => void;
  onEdit: (key: string) => void;
  onAdd: (kind: string) => void;
}

/** A stack of layers to build, from its input down to its output layer. */
export function StackBuilder(props: Props) {
  const { part, blocks, trial, parameters, onChange } = props;
  const { name, term } = PARTS[part];
  const sensors = useDragging();
  const output = outputOf(blocks);

  function drop({ active, over }: DragEndEvent): void {
    if (over) onChange(moved(blocks, String(active.id), String(over.id)));
  }

  return (
    <section
      className={classes.stack}
      style={meaningVariables(part)}
      aria-label={`${name} (${term})`}
    >
      <header className={classes.header}>
        <h3 className={classes.name}>
          {name} <span className={classes.term}>{term}</span>
        </h3>
        {props.action}
      </header>
      <div className={classes.input}>
        <span>{props.input}</span>
        {parameters && (
          <span className={classes.width} data-stale={trial.stale || undefined}>
            {plural(parameters.input_width, "number")}
          </span>
        )}
      </div>
      <DndContext
        sensors={sensors}
        collisionDetection={closestCenter}
        modifiers={[vertically]}
        accessibility={{
          announcements: announcements(blocks),
          screenReaderInstructions: INSTRUCTIONS,
        }}
        onDragEnd={drop}
      >
        <SortableContext
          items={blocks.map(({ key }) => key)}
          strategy={verticalListSortingStrategy}
        >
          <ol className={classes.layers}>
            {blocks.map((block) => (
              <LayerBlock
                key={block.key}
                block={block}
                part={part}
                place={placeOf(blocks, block.key)}
                output={block.key === output?.key}
                parameters={trial.layers.get(block.key)}
                stale={trial.stale}
                problems={trial.layerProblems.get(block.key) ?? []}
                onEdit={() => props.onEdit(block.key)}
                onRemove={() => onChange(removed(blocks, block.key))}
              />
            ))}
          </ol>
        </SortableContext>
      </DndContext>
      <Said problems={props.problems} />
      <footer className={classes.footer}>
        <AddLayer part={part} onAdd={props.onAdd} />
        <span className={classes.total} data-stale={trial.stale || undefined}>
          {plural(blocks.length, "layer")}
          {parameters && (
            <span title={`${count(parameters.total)} parameters`}>, {partWords(parameters)}</span>
          )}
        </span>
      </footer>
    </section>
  );
}
