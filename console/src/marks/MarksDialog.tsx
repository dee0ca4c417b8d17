import { Button, Group, Stack, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { MarkedDocument, Runs } from "@/api/resource";
import { Dialog } from "@/ui/Dialog";
import { plural } from "@/ui/format";
import { tagsOf } from "./select";
import { useMark } from "./useMark";

interface Props<Run extends Short, Short extends MarkedDocument> {
  runs: Runs<Run, Short>;
  chosen: Short[];
  onClose: () => void;
}

/** Name, note and tags of a run; of several, the tags that all of them have or are to have. */
export function MarksDialog<Run extends Short, Short extends MarkedDocument>({
  runs,
  chosen,
  onClose,
}: Props<Run, Short>) {
  const mark = useMark(runs);
  const all = useQuery(runs.listQuery).data ?? [];
  const [only] = chosen.length === 1 ? chosen : [];
  const common = chosen
    .map(({ marks }) => marks.tags)
    .reduce((one, other) => one.filter((tag) => other.includes(tag)));
  const [name, setName] = useState(only?.name ?? "");
  const [note, setNote] = useState(only?.description ?? "");
  const [tags, setTags] = useState(common);
  const [saving, setSaving] = useState(false);
  const save = async (): Promise<void> => {
    setSaving(true);
    const done = await mark(chosen, {
      ...(only && name.trim() !== only.name ? { name: name.trim() } : {}),
      ...(only && note !== only.description ? { description: note } : {}),
      add_tags: tags.filter((tag) => !common.includes(tag)),
      remove_tags: common.filter((tag) => !tags.includes(tag)),
    });
    setSaving(false);
    if (done) onClose();
  };
  return (
    <Dialog
      onClose={onClose}
      title={only ? "Name, note and tags" : `Tags of ${plural(chosen.length, runs.noun)}`}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Stack gap="sm">
          {only && (
            <TextInput
              label="Name"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              maxLength={255}
            />
          )}
          <TagsInput
            label="Tags"
            description={
              only
                ? "Press Enter after each."
                : "Those that all of them have. Press Enter after each."
            }
            data={tagsOf(all)}
            value={tags}
            onChange={(now) => setTags(now.map((tag) => tag.trim()).filter(Boolean))}
            splitChars={[","]}
            maxLength={40}
            data-autofocus
          />
          {only && (
            <Textarea
              label="Note"
              description="Why it was run, or what it showed."
              value={note}
              onChange={(event) => setNote(event.currentTarget.value)}
              maxLength={4000}
              autosize
              minRows={3}
              maxRows={10}
            />
          )}
        </Stack>
        <Group justify="flex-end" mt="lg" gap="xs">
          <Button type="submit" loading={saving} disabled={only && !name.trim()}>
            Save
          </Button>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
        </Group>
      </form>
    </Dialog>
  );
}
