import { useDroppable } from "@dnd-kit/core";
import { SortableContext, useSortable, verticalListSortingStrategy } from "@dnd-kit/sortable";
import { CSS } from "@dnd-kit/utilities";
import { ActionIcon, Button, Title, Tooltip, UnstyledButton } from "@mantine/core";
import {
  IconAlertTriangle,
  IconArrowsLeftRight,
  IconGripVertical,
  IconPlus,
  IconSettings,
  IconX,
} from "@tabler/icons-react";
import { labelOf, pastKind } from "@/api/catalogue";
import type { DescribedFeature, DescribedTower, FeatureConfigSpec, Problem } from "@/api/schema";
import { MEANINGS, meaningVariables } from "@/theme/meaning";
import { lower } from "@/ui/format";
import { describedOf } from "../described";
import {
  crossesField,
  crossName,
  type Feature,
  featuresField,
  otherTower,
  type Tower,
} from "../spec";
import { AddHistory } from "./AddHistory";
import card from "./card.module.css";
import { type Dragged, featureId, towerZone } from "./drag";
import classes from "./TowerPanel.module.css";

interface Props {
  tower: Tower;
  spec: FeatureConfigSpec;
  described: DescribedTower | undefined;
  both: ReadonlySet<string>;
  dragged: Dragged | null;
  problems: Problem[];
  onConfigure: (feature: Feature) => void;
  onRemove: (column: string) => void;
  onTransfer: (column: string) => void;
  onHistory: (column: string) => void;
  /** null: a new one. */
  onCross: (place: number | null) => void;
  onRemoveCross: (place: number) => void;
}

const WORDS = {
  buyer: "What is known about the customer at recommendation time",
  product: "What is known about each product",
};

export function TowerPanel(props: Props) {
  const { tower, spec, described, both, dragged, problems } = props;
  const { setNodeRef, isOver, over } = useDroppable({ id: towerZone(tower) });
  const features = spec[featuresField(tower)];
  const crosses = spec[crossesField(tower)];
  const under = isOver || String(over?.id ?? "").startsWith(`feature:${tower}:`);
  const has = dragged && features.some(({ column }) => column === dragged.column);
  const of = (path: string) => problems.filter((problem) => within(problem.path, path));
  const parts = described?.features.filter(({ cross_name }) => cross_name).length ?? 0;

  return (
    <section
      ref={setNodeRef}
      className={classes.panel}
      style={meaningVariables(tower)}
      data-target={(dragged && !has) || undefined}
      data-over={(dragged && under) || undefined}
      aria-label={`${MEANINGS[tower].label} tower`}
    >
      <header className={classes.header}>
        <div>
          <Title order={2} className={classes.title}>
            {MEANINGS[tower].label} tower{" "}
            <span className={classes.term}>{MEANINGS[tower].term}</span>
          </Title>
          <p className={classes.lead}>{WORDS[tower]}</p>
        </div>
        <span className={classes.total} title="Width of this tower's input">
          {described?.tensor.total ?? 0}D
        </span>
      </header>

      {features.length === 0 && (
        <div className={classes.empty}>
          {dragged ? "Drop it here" : "Drag columns here, or use their buttons."}
        </div>
      )}
      <SortableContext
        items={features.map(({ column }) => featureId(tower, column))}
        strategy={verticalListSortingStrategy}
      >
        <ul className={card.list}>
          {features.map((feature, place) => (
            <FeatureCard
              key={feature.column}
              tower={tower}
              feature={feature}
              described={describedOf(described, feature.column)}
              leak={both.has(feature.column)}
              problems={of(`spec.${featuresField(tower)}[${place}]`)}
              onConfigure={() => props.onConfigure(feature)}
              onRemove={() => props.onRemove(feature.column)}
              onTransfer={() => props.onTransfer(feature.column)}
            />
          ))}
        </ul>
      </SortableContext>
      {of(`spec.${featuresField(tower)}`)
        .filter(({ path }) => path === `spec.${featuresField(tower)}`)
        .map((problem) => (
          <Remark key={problem.code} problem={problem} />
        ))}

      {tower === "buyer" && <AddHistory spec={spec} onAdd={props.onHistory} />}
      <div className={classes.crosses}>
        <ul className={card.list}>
          {crosses.map((cross, place) => (
            <li key={crossName(cross)} className={classes.cross}>
              <UnstyledButton className={classes.crossName} onClick={() => props.onCross(place)}>
                {crossName(cross)}
                <span className={classes.line}>
                  {described?.crosses.find(({ name }) => name === crossName(cross))?.words}
                </span>
              </UnstyledButton>
              <ActionIcon
                variant="subtle"
                color="gray"
                size="sm"
                aria-label={`Remove the cross ${crossName(cross)}`}
                onClick={() => props.onRemoveCross(place)}
              >
                <IconX size={15} />
              </ActionIcon>
              {of(`spec.${crossesField(tower)}[${place}]`).map((problem) => (
                <Remark key={problem.code} problem={problem} />
              ))}
            </li>
          ))}
        </ul>
        <Tooltip label="Needs two columns that are embedded or bucketized" disabled={parts >= 2}>
          <Button
            variant="subtle"
            size="xs"
            leftSection={<IconPlus size={15} />}
            data-disabled={parts < 2 || undefined}
            aria-disabled={parts < 2}
            onClick={() => parts >= 2 && props.onCross(null)}
          >
            Add cross feature
          </Button>
        </Tooltip>
      </div>
    </section>
  );
}

interface CardProps {
  tower: Tower;
  feature: Feature;
  described: DescribedFeature | undefined;
  leak: boolean;
  problems: Problem[];
  onConfigure: () => void;
  onRemove: () => void;
  onTransfer: () => void;
}

function FeatureCard({ tower, feature, described, leak, problems, ...on }: CardProps) {
  const { column } = feature;
  const sortable = useSortable({
    id: featureId(tower, column),
    data: { kind: "feature", tower, column } satisfies Dragged,
  });
  const { setNodeRef, setActivatorNodeRef, attributes, listeners, transform, transition } =
    sortable;
  const other = otherTower(tower);
  const past = feature.type === pastKind()?.name;
  return (
    <li
      ref={setNodeRef}
      className={`${card.card} ${classes.card}`}
      data-dragging={sortable.isDragging || undefined}
      style={{ transform: CSS.Translate.toString(transform), transition }}
    >
      <UnstyledButton
        ref={setActivatorNodeRef}
        className={card.handle}
        {...attributes}
        {...listeners}
        aria-label={`Move ${column}`}
      >
        <IconGripVertical size={16} aria-hidden="true" />
      </UnstyledButton>
      <div className={classes.what}>
        <div className={card.name} title={column}>
          {column}
          {past && (
            <span className={classes.term}> {lower(labelOf("features", feature.type))}</span>
          )}
        </div>
        <div className={classes.line}>{described?.words ?? "…"}</div>
      </div>
      <span className={classes.dim}>{described ? `${described.dim}D` : ""}</span>
      <div className={classes.buttons}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={`Settings of ${column}`}
          onClick={on.onConfigure}
        >
          <IconSettings size={16} stroke={1.7} />
        </ActionIcon>
        {!leak && !past && (
          <Tooltip label={`Move to the ${other} tower`}>
            <ActionIcon
              variant="subtle"
              color="gray"
              size="sm"
              aria-label={`Move ${column} to the ${other} tower`}
              onClick={on.onTransfer}
            >
              <IconArrowsLeftRight size={16} stroke={1.7} />
            </ActionIcon>
          </Tooltip>
        )}
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={`Remove ${column} from the ${tower} tower`}
          onClick={on.onRemove}
        >
          <IconX size={16} stroke={1.7} />
        </ActionIcon>
      </div>
      {leak && (
        <Tooltip label="Each tower can read the answer off the other's input, so results look better than they are. Keep the column in the tower in which it is known at recommendation time.">
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: its tooltip is reached by keyboard */}
          <div className={classes.leak} tabIndex={0}>
            <IconAlertTriangle size={14} aria-hidden="true" />
            Also in {MEANINGS[other].label}
            <span className={classes.term}>data leakage</span>
          </div>
        </Tooltip>
      )}
      {problems
        .filter(({ code }) => code !== "column_in_both_towers")
        .map((problem) => (
          <Remark key={problem.code + problem.path} problem={problem} />
        ))}
    </li>
  );
}

function Remark({ problem }: { problem: Problem }) {
  return (
    <div className={classes.remark} data-level={problem.level}>
      <IconAlertTriangle size={14} aria-hidden="true" />
      <span>{problem.message}</span>
    </div>
  );
}

function within(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}.`) || path.startsWith(`${root}[`);
}
