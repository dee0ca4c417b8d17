import { ActionIcon, Group, Tooltip } from "@mantine/core";
import { IconArrowBackUp, IconArrowForwardUp } from "@tabler/icons-react";
import type { Undoing } from "./useUndo";

/** They stay in reach of the keyboard while there is nothing to do, so that focus is not lost. */
export function UndoButtons({ undo, redo }: Undoing) {
  return (
    <Group gap={4} wrap="nowrap">
      <One label="Undo" keys="Ctrl+Z" deed={undo}>
        <IconArrowBackUp size={18} stroke={1.7} />
      </One>
      <One label="Redo" keys="Ctrl+Shift+Z" deed={redo}>
        <IconArrowForwardUp size={18} stroke={1.7} />
      </One>
    </Group>
  );
}

interface OneProps {
  label: string;
  keys: string;
  deed: (() => void) | undefined;
  children: React.ReactNode;
}

function One({ label, keys, deed, children }: OneProps) {
  return (
    <Tooltip label={`${label} (${keys})`}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={36}
        aria-label={label}
        aria-keyshortcuts={keys.replace("Ctrl", "Control")}
        aria-disabled={!deed}
        data-disabled={!deed || undefined}
        onClick={() => deed?.()}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
