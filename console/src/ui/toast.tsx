import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconCheck, IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { messageOf } from "@/api/errors";

export function succeeded(message: ReactNode): void {
  notifications.show({ message, color: "green", icon: <IconCheck size={16} />, autoClose: 4000 });
}

export function failed(title: string, fault: unknown): void {
  notifications.show({
    title,
    message: messageOf(fault),
    color: "red",
    icon: <IconX size={16} />,
    autoClose: 10_000,
    role: "alert",
  });
}

/** Something has been done that can be undone for a while. */
export function undoable(id: string, message: ReactNode, undo: () => void, forMs: number): void {
  notifications.show({
    id,
    autoClose: forMs,
    withBorder: true,
    message: (
      <div style={{ display: "flex", alignItems: "center", gap: "0.75rem" }}>
        <span style={{ flex: 1 }}>{message}</span>
        <Button
          size="compact-sm"
          variant="light"
          onClick={() => {
            notifications.hide(id);
            undo();
          }}
        >
          Undo
        </Button>
      </div>
    ),
  });
}
