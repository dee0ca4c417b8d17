import { Button, type ButtonProps, Group, Modal, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { ReactNode } from "react";

interface Props extends ButtonProps {
  /** On the button, and on the one that confirms. */
  label: string;
  title: string;
  /** What happens then, and what is lost. */
  children: ReactNode;
  /** The way back: `Keep it running`. */
  keep: string;
  onConfirm: () => void;
}

/** A button whose deed cannot be undone: it asks first. */
export function ConfirmButton({ label, title, children, keep, onConfirm, ...button }: Props) {
  const [asking, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button variant="default" onClick={open} {...button}>
        {label}
      </Button>
      <Modal opened={asking} onClose={close} title={title} size="sm">
        <Text c="var(--text-2)">{children}</Text>
        <Group justify="flex-end" mt="lg" gap="xs">
          <Button
            variant="default"
            onClick={() => {
              close();
              onConfirm();
            }}
          >
            {label}
          </Button>
          <Button data-autofocus onClick={close}>
            {keep}
          </Button>
        </Group>
      </Modal>
    </>
  );
}
