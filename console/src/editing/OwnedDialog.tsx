import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import type { AnyDocument, Resource } from "@/api/resource";
import { CopyYaml } from "./CopyYaml";
import type { useSave } from "./useSave";

interface Props<Document extends AnyDocument> {
  resource: Resource<Document>;
  saving: ReturnType<typeof useSave<Document>>;
}

/** Shown before a change is saved of what a file keeps: the file is where it belongs. */
export function OwnedDialog<Document extends AnyDocument>({ resource, saving }: Props<Document>) {
  const { owned } = saving;
  if (!owned) return null;
  return (
    <Modal opened onClose={owned.goOn} size="lg" title="A file keeps this">
      <Stack gap="md">
        <Text c="var(--text-2)" style={{ overflowWrap: "anywhere" }}>
          <code>{owned.owner.path}</code> says what “{owned.body.name}” is. Copy the changed YAML
          into it and apply it. What is saved here alone, the next <code>recsmith apply</code> takes
          back.
        </Text>
        <Group justify="space-between" mt="sm">
          <Button variant="subtle" onClick={owned.goOn}>
            Continue editing
          </Button>
          <Group gap="xs">
            <Button variant="default" loading={saving.saving} onClick={owned.saveHere}>
              Save here all the same
            </Button>
            <CopyYaml resource={resource} draft={owned.body} />
          </Group>
        </Group>
      </Stack>
    </Modal>
  );
}
