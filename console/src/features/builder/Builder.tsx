import {
  DndContext,
  type DragEndEvent,
  DragOverlay,
  KeyboardSensor,
  PointerSensor,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import { useState } from "react";
import { pastKind } from "@/api/catalogue";
import type { Column, ColumnFeatures, FeatureConfigSpec, Problem } from "@/api/schema";
import { describedOf, useDescribed } from "../described";
import {
  addFeature,
  crossesField,
  type Feature,
  featuresField,
  inBothTowers,
  moveFeature,
  removeFeature,
  replaceFeature,
  TOWERS,
  type Tower,
  transferFeature,
  withSharedWidths,
} from "../spec";
import { TensorPreview } from "../TensorPreview";
import classes from "./Builder.module.css";
import { Columns } from "./Columns";
import { CrossModal } from "./CrossModal";
import {
  announcements,
  collisions,
  type Dragged,
  draggedOf,
  instructions,
  keyboardSteps,
  targetOf,
} from "./drag";
import { FeatureModal } from "./FeatureModal";
import { TowerPanel } from "./TowerPanel";

interface Props {
  columns: Column[];
  roles: Record<string, string>;
  /** What each column may become. */
  suggestions: ColumnFeatures[];
  spec: FeatureConfigSpec;
  onChange: (spec: FeatureConfigSpec) => void;
  onSmartDefaults: () => void;
  /** What the API says of the spec as it is. */
  problems: Problem[];
  samples?: React.ReactNode;
}

type Open =
  | { kind: "feature"; tower: Tower; feature: Feature }
  | { kind: "cross"; tower: Tower; place: number | null };

/** Columns on one side, the two towers on the other; dragging and settings in between. */
export function Builder(props: Props) {
  const { columns, roles, suggestions, spec, problems } = props;
  const onChange = (changed: FeatureConfigSpec) => props.onChange(withSharedWidths(changed));
  const { described } = useDescribed(spec);
  const [dragged, setDragged] = useState<Dragged | null>(null);
  const [open, setOpen] = useState<Open | null>(null);
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 4 } }),
    useSensor(KeyboardSensor, { coordinateGetter: keyboardSteps }),
  );
  const both = inBothTowers(problems);
  const suggested = (name: string): Feature[] =>
    suggestions.find(({ column }) => column === name)?.features ?? [];
  const crossName = (tower: Tower, column: string): string | null =>
    describedOf(described?.[tower], column)?.cross_name ?? null;
  const remove = (tower: Tower, column: string): void =>
    onChange(removeFeature(spec, tower, column, crossName(tower, column)));
  const transfer = (tower: Tower, column: string): void =>
    onChange(transferFeature(spec, tower, column, crossName(tower, column)));

  function put(name: string, tower: Tower, place?: number): void {
    const [feature] = suggested(name);
    if (feature) onChange(addFeature(spec, tower, feature, place));
  }

  function drop({ active, over }: DragEndEvent): void {
    setDragged(null);
    const what = draggedOf(active);
    const target = targetOf(over?.id);
    if (!what || !target) return;
    const { tower, before } = target;
    const place =
      tower && before !== undefined
        ? spec[featuresField(tower)].findIndex(({ column }) => column === before)
        : undefined;
    if (what.kind === "column") {
      if (tower) put(what.column, tower, place);
    } else if (tower === null) {
      remove(what.tower, what.column);
    } else if (tower !== what.tower) {
      transfer(what.tower, what.column);
    } else if (place !== undefined) {
      const from = spec[featuresField(tower)].findIndex(({ column }) => column === what.column);
      onChange(moveFeature(spec, tower, from, place));
    }
  }

  return (
    <DndContext
      sensors={sensors}
      collisionDetection={collisions}
      accessibility={{ announcements, screenReaderInstructions: instructions }}
      onDragStart={({ active }) => setDragged(draggedOf(active))}
      onDragCancel={() => setDragged(null)}
      onDragEnd={drop}
    >
      <div className={classes.builder}>
        <div className={classes.rail}>
          <Columns
            columns={columns}
            roles={roles}
            spec={spec}
            onAdd={put}
            onSmartDefaults={props.onSmartDefaults}
          />
        </div>
        <div>
          <div className={classes.towers}>
            {TOWERS.map((tower) => (
              <TowerPanel
                key={tower}
                tower={tower}
                spec={spec}
                described={described?.[tower]}
                both={both}
                dragged={dragged}
                problems={problems}
                onHistory={(column) => {
                  const kind = pastKind();
                  if (kind) {
                    onChange(addFeature(spec, tower, { ...kind.initial, column } as Feature));
                  }
                }}
                onConfigure={(feature) => setOpen({ kind: "feature", tower, feature })}
                onRemove={(column) => remove(tower, column)}
                onTransfer={(column) => transfer(tower, column)}
                onCross={(place) => setOpen({ kind: "cross", tower, place })}
                onRemoveCross={(place) => {
                  const field = crossesField(tower);
                  onChange({ ...spec, [field]: spec[field].filter((_, at) => at !== place) });
                }}
              />
            ))}
          </div>
          <div className={classes.preview}>
            <TensorPreview described={described} samples={props.samples} />
          </div>
        </div>
      </div>
      <DragOverlay dropAnimation={null}>
        {dragged && <div className={classes.overlay}>{dragged.column}</div>}
      </DragOverlay>
      {open?.kind === "feature" && (
        <FeatureModal
          datasetId={spec.dataset_id}
          tower={open.tower}
          feature={open.feature}
          column={columns.find(({ name }) => name === open.feature.column)}
          suggested={suggested(open.feature.column)}
          onApply={(feature, now) => {
            const before = crossName(open.tower, feature.column);
            onChange(replaceFeature(spec, open.tower, feature, before === now ? null : before));
          }}
          onClose={() => setOpen(null)}
        />
      )}
      {open?.kind === "cross" && (
        <CrossModal
          datasetId={spec.dataset_id}
          tower={open.tower}
          features={described?.[open.tower].features ?? []}
          others={spec[crossesField(open.tower)].filter((_, at) => at !== open.place)}
          cross={open.place === null ? undefined : spec[crossesField(open.tower)][open.place]}
          columns={columns}
          onApply={(cross) => {
            const field = crossesField(open.tower);
            const crosses = [...spec[field]];
            crosses.splice(open.place ?? crosses.length, 1, cross);
            onChange({ ...spec, [field]: crosses });
          }}
          onClose={() => setOpen(null)}
        />
      )}
    </DndContext>
  );
}
