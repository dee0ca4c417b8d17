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
import type { Column, EmbeddingRecommendation, FeatureConfigSpec, Problem } from "@/api/schema";
import {
  addFeature,
  crossesField,
  defaultFeature,
  type Feature,
  featuresField,
  inBothTowers,
  moveFeature,
  removeFeature,
  replaceFeature,
  TOWERS,
  type Tower,
  transferFeature,
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
  recommendations: EmbeddingRecommendation[];
  widths: { at_least: number; below?: number | null; embedding_dim: number }[];
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
  const { columns, roles, recommendations, spec, onChange, problems } = props;
  const [dragged, setDragged] = useState<Dragged | null>(null);
  const [open, setOpen] = useState<Open | null>(null);
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 4 } }),
    useSensor(KeyboardSensor, { coordinateGetter: keyboardSteps }),
  );
  const both = inBothTowers(spec);

  function put(name: string, tower: Tower, place?: number): void {
    const column = columns.find((found) => found.name === name);
    if (!column) return;
    const recommendation = recommendations.find((found) => found.column === name);
    onChange(addFeature(spec, tower, defaultFeature(column, roles[name], recommendation), place));
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
      onChange(removeFeature(spec, what.tower, what.column));
    } else if (tower !== what.tower) {
      onChange(transferFeature(spec, what.tower, what.column));
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
        <Columns
          columns={columns}
          roles={roles}
          spec={spec}
          onAdd={put}
          onSmartDefaults={props.onSmartDefaults}
        />
        <div className={classes.towers}>
          {TOWERS.map((tower) => (
            <TowerPanel
              key={tower}
              tower={tower}
              spec={spec}
              both={both}
              dragged={dragged}
              problems={problems}
              onConfigure={(feature) => setOpen({ kind: "feature", tower, feature })}
              onRemove={(column) => onChange(removeFeature(spec, tower, column))}
              onTransfer={(column) => onChange(transferFeature(spec, tower, column))}
              onCross={(place) => setOpen({ kind: "cross", tower, place })}
              onRemoveCross={(place) => {
                const field = crossesField(tower);
                onChange({ ...spec, [field]: spec[field].filter((_, at) => at !== place) });
              }}
            />
          ))}
        </div>
        <div className={classes.preview}>
          <TensorPreview spec={spec} samples={props.samples} />
        </div>
      </div>
      <DragOverlay dropAnimation={null}>
        {dragged && <div className={classes.overlay}>{dragged.column}</div>}
      </DragOverlay>
      {open?.kind === "feature" && (
        <FeatureModal
          tower={open.tower}
          feature={open.feature}
          column={columns.find(({ name }) => name === open.feature.column)}
          recommendation={recommendations.find(({ column }) => column === open.feature.column)}
          widths={props.widths}
          onApply={(feature) => onChange(replaceFeature(spec, open.tower, feature))}
          onClose={() => setOpen(null)}
        />
      )}
      {open?.kind === "cross" && (
        <CrossModal
          tower={open.tower}
          features={spec[featuresField(open.tower)]}
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
