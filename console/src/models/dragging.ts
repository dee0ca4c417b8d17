import {
  type Announcements,
  KeyboardSensor,
  type Modifier,
  PointerSensor,
  type ScreenReaderInstructions,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import { sortableKeyboardCoordinates } from "@dnd-kit/sortable";
import { type Block, outputOf } from "./draft";
import { layerTitle } from "./layers";

/** Dragging by mouse, touch and keyboard. */
export function useDragging() {
  return useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 3 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
}

export const vertically: Modifier = ({ transform }) => ({ ...transform, x: 0 });

export const INSTRUCTIONS: ScreenReaderInstructions = {
  draggable:
    "Press space to lift the layer, the arrow keys to move it, space to put it down, escape to leave it where it was.",
};

/** `Dense 64, layer 2 of 3` */
export function placeOf(blocks: Block[], key: string): string {
  const place = blocks.findIndex((block) => block.key === key);
  const layer = blocks[place]?.layer;
  return layer ? `${layerTitle(layer)}, layer ${place + 1} of ${blocks.length}` : "layer";
}

/** What is said while a layer is moved by keyboard. */
export function announcements(blocks: Block[]): Announcements {
  const title = (key: unknown) => {
    const block = blocks.find((block) => block.key === key);
    return block ? layerTitle(block.layer) : "The layer";
  };
  const place = (key: unknown) => {
    const last = blocks.length - (outputOf(blocks) ? 1 : 0);
    const at = blocks.findIndex((block) => block.key === key) + 1;
    return `${Math.min(at, last)} of ${blocks.length}`;
  };
  return {
    onDragStart: ({ active }) => `Lifted ${title(active.id)}, at ${place(active.id)}.`,
    onDragOver: ({ active, over }) =>
      over ? `${title(active.id)} is now at ${place(over.id)}.` : undefined,
    onDragEnd: ({ active, over }) =>
      over ? `${title(active.id)} is now layer ${place(over.id)}.` : "Nothing was moved.",
    onDragCancel: ({ active }) => `${title(active.id)} stays where it was.`,
  };
}
