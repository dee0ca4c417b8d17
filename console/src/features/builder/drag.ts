/** How columns and features are dragged: what each thing is called, and where it may go. */
import {
  type Active,
  type Announcements,
  type CollisionDetection,
  type KeyboardCoordinateGetter,
  pointerWithin,
  rectIntersection,
  type ScreenReaderInstructions,
  type UniqueIdentifier,
} from "@dnd-kit/core";
import type { Tower } from "../spec";

export type Dragged =
  | { kind: "column"; column: string }
  | { kind: "feature"; tower: Tower; column: string };

export const AVAILABLE = "available";
export const towerZone = (tower: Tower) => `tower:${tower}`;
export const columnId = (column: string) => `column:${column}`;
export const featureId = (tower: Tower, column: string) => `feature:${tower}:${column}`;

export interface Target {
  /** null: back to the columns, out of any tower. */
  tower: Tower | null;
  /** The feature that it was dropped on. */
  before?: string;
}

export function targetOf(id: UniqueIdentifier | undefined): Target | null {
  const text = String(id ?? "");
  if (text === AVAILABLE || text.startsWith("column:")) return { tower: null };
  const found = /^(tower|feature):(buyer|product)(?::([\s\S]*))?$/.exec(text);
  if (!found) return null;
  return { tower: found[2] as Tower, before: found[1] === "feature" ? found[3] : undefined };
}

export function draggedOf(active: Active | null): Dragged | null {
  return (active?.data.current as Dragged | undefined) ?? null;
}

/** A feature under the pointer says where exactly; else the tower around it. */
export const collisions: CollisionDetection = (given) => {
  const found = given.pointerCoordinates ? pointerWithin(given) : rectIntersection(given);
  const feature = found.find(
    ({ id }) => String(id).startsWith("feature:") && id !== given.active.id,
  );
  if (feature) return [feature];
  return found.filter(({ id }) => id === AVAILABLE || String(id).startsWith("tower:"));
};

const ZONES = [AVAILABLE, towerZone("buyer"), towerZone("product")];
// How far below a zone's top edge what is dropped there is held.
const BELOW_TOP = 56;

/** Left and right: from zone to zone. Up and down: from feature to feature within a tower. */
export const keyboardSteps: KeyboardCoordinateGetter = (event, { context }) => {
  const { droppableRects, over, collisionRect, active } = context;
  if (!collisionRect) return undefined;
  const at = targetOf(over?.id ?? active?.id);
  if (event.code === "ArrowLeft" || event.code === "ArrowRight") {
    event.preventDefault();
    const here = at?.tower ? ZONES.indexOf(towerZone(at.tower)) : 0;
    const step = event.code === "ArrowRight" ? 1 : -1;
    const zone = ZONES[Math.min(ZONES.length - 1, Math.max(0, here + step))];
    const rect = zone ? droppableRects.get(zone) : undefined;
    if (!rect) return undefined;
    return { x: rect.left + (rect.width - collisionRect.width) / 2, y: rect.top + BELOW_TOP };
  }
  if ((event.code === "ArrowUp" || event.code === "ArrowDown") && at?.tower) {
    event.preventDefault();
    const down = event.code === "ArrowDown";
    const rows = [...droppableRects.entries()]
      .filter(([id]) => String(id).startsWith(`feature:${at.tower}:`) && id !== active?.id)
      .map(([, rect]) => rect)
      .sort((a, b) => a.top - b.top);
    const next = down
      ? rows.find((rect) => rect.top > collisionRect.top + 2)
      : rows.findLast((rect) => rect.top < collisionRect.top - 2);
    return next ? { x: next.left, y: next.top } : undefined;
  }
  return undefined;
};

export const instructions: ScreenReaderInstructions = {
  draggable:
    "Press space to pick this up. The left and right arrow keys move it between the columns, the buyer tower and the product tower; up and down move it within a tower. Space drops it, escape puts it back.",
};

function place(id: UniqueIdentifier | undefined): string {
  const target = targetOf(id);
  if (!target) return "nowhere";
  if (!target.tower) return "the columns";
  return `the ${target.tower} tower${target.before ? `, at ${target.before}` : ""}`;
}

export const announcements: Announcements = {
  onDragStart: ({ active }) => `Picked up ${draggedOf(active)?.column}.`,
  onDragOver: ({ active, over }) => `${draggedOf(active)?.column} is over ${place(over?.id)}.`,
  onDragEnd: ({ active, over }) =>
    over
      ? `${draggedOf(active)?.column} was dropped on ${place(over.id)}.`
      : `${draggedOf(active)?.column} is where it was.`,
  onDragCancel: ({ active }) => `${draggedOf(active)?.column} is where it was.`,
};
