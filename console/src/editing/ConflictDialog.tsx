import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import type { AnyDocument } from "@/api/resource";
import { DiffTable } from "@/ui/DiffTable";
import { differences } from "@/ui/diff";
import type { useSave } from "./useSave";

interface Props<Document extends AnyDocument> {
  saving: ReturnType<typeof useSave<Document>>;
}

/** Shown where somebody else saved first: what differs, and every way out. Nothing is lost. */
export function ConflictDialog<Document extends AnyDocument>({ saving }: Props<Document>) {
  const { conflict, resolve } = saving;
  if (!conflict) return null;
  const { theirs, mine } = conflict;
  const found = differences(
    { name: theirs.name, description: theirs.description, ...(theirs.spec as object) },
    { name: mine.name, description: mine.description, ...(mine.spec as object) },
  );
  return (
    <Modal
      opened
      onClose={resolve.goOn}
      size="xl"
      title="Somebody else saved this while you were editing"
    >
      <Stack gap="md">
        <Text c="var(--text-2)">
          “{theirs.name}” is now at version {theirs.revision}. This is how it differs from what you
          were about to save. Nothing has been overwritten, and older versions stay in the history.
        </Text>
        <DiffTable
          differences={found}
          before={`Theirs, version ${theirs.revision}`}
          after="Yours"
        />
        <Group justify="space-between" mt="sm">
          <Button variant="subtle" onClick={resolve.goOn}>
            Continue editing
          </Button>
          <Group gap="xs">
            <Button variant="default" onClick={resolve.takeTheirs}>
              Use theirs
            </Button>
            <Button variant="default" loading={saving.saving} onClick={resolve.saveCopy}>
              Save mine as a copy
            </Button>
            <Button loading={saving.saving} onClick={resolve.overwrite}>
              Overwrite with mine
            </Button>
          </Group>
        </Group>
      </Stack>
    </Modal>
  );
}
