import { useSortable } from "@dnd-kit/sortable";
import { CSS } from "@dnd-kit/utilities";
import { ActionIcon } from "@mantine/core";
import { IconGripVertical, IconLock, IconSettings, IconTrash } from "@tabler/icons-react";
import type { LayerParameters, Problem } from "@/api/schema";
import { meaningVariables } from "@/theme/meaning";
import { Said } from "@/ui/Said";
import type { Block } from "./draft";
import classes from "./LayerBlock.module.css";
import { LayerFace } from "./LayerFace";
import { layerMeaning, layerTitle, type Part } from "./layers";

interface Props {
  block: Block;
  part: Part;
  /** `Dense 64, layer 2 of 3` */
  place: string;
  output: boolean;
  parameters?: LayerParameters;
  stale: boolean;
  problems: Problem[];
  onEdit: () => void;
  onRemove: () => void;
}

/** A layer to move, change and remove; the output layer stays where it is. */
export function LayerBlock(props: Props) {
  const { block, part, output, onEdit, onRemove, problems, place } = props;
  const { setNodeRef, setActivatorNodeRef, attributes, listeners, ...drag } = useSortable({
    id: block.key,
    disabled: output,
  });
  const title = layerTitle(block.layer);
  return (
    <li
      ref={setNodeRef}
      className={classes.block}
      data-dragging={drag.isDragging || undefined}
      data-problem={problems.some(({ level }) => level === "error") || undefined}
      style={{
        ...meaningVariables(layerMeaning(block.layer, part, output)),
        transform: CSS.Translate.toString(drag.transform),
        transition: drag.transition,
      }}
    >
      <div className={classes.row}>
        {output ? (
          <span className={classes.lock} title="The output layer stays last">
            <IconLock size={15} stroke={1.8} aria-hidden="true" />
          </span>
        ) : (
          <button
            type="button"
            ref={setActivatorNodeRef}
            className={classes.handle}
            {...attributes}
            {...listeners}
            aria-label={`Move ${place}`}
          >
            <IconGripVertical size={16} stroke={1.8} aria-hidden="true" />
          </button>
        )}
        <LayerFace
          layer={block.layer}
          output={output}
          parameters={props.parameters}
          stale={props.stale}
        />
        <span className={classes.actions}>
          <ActionIcon
            variant="subtle"
            color="gray"
            onClick={onEdit}
            aria-label={`Set ${place}`}
            title={`Set ${title}`}
          >
            <IconSettings size={16} stroke={1.7} />
          </ActionIcon>
          {!output && (
            <ActionIcon
              variant="subtle"
              color="gray"
              onClick={onRemove}
              aria-label={`Remove ${place}`}
              title={`Remove ${title}`}
            >
              <IconTrash size={16} stroke={1.7} />
            </ActionIcon>
          )}
        </span>
      </div>
      <Said problems={problems} />
    </li>
  );
}
