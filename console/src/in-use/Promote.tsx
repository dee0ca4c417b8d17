import { Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { fieldErrors, messageOf } from "@/api/errors";
import { promoteModel, registeredModels } from "@/api/registeredModels";
import type { RegisteredModel } from "@/api/schema";
import { useRequest } from "@/editing/useRequest";
import { Notice } from "@/ui/Notice";
import { succeeded } from "@/ui/toast";

interface Props {
  model: RegisteredModel;
  version: number;
}

/** Brings a version into production; the server says whether a reason is needed. */
export function Promote({ model, version }: Props) {
  const [asking, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={open}>
        Promote
      </Button>
      <Modal opened={asking} onClose={close} title={`Bring version ${version} into production?`}>
        {asking && <Form model={model} version={version} close={close} />}
      </Modal>
    </>
  );
}

function Form({ model, version, close }: Props & { close: () => void }) {
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const promote = useRequest({
    send: () => promoteModel(model.id, version, reason.trim() || null),
    onSuccess: (now) => {
      client.setQueryData(registeredModels.query(model.id).queryKey, now.model);
      succeeded(now.verdict.sentence);
      close();
    },
  });
  const needed = fieldErrors(promote.error)["spec.production.reason"];
  return (
    <Stack gap="md">
      <Text c="var(--text-2)">
        Servers load it in place of the version in production, without dropping a request.
      </Text>
      <Textarea
        label="Reason"
        description="For the list of promotions. Needed where the version is worse, or cannot be compared."
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        error={needed}
        autosize
        minRows={2}
        maxLength={2000}
        data-autofocus
      />
      {promote.error && !needed && <Notice tone="bad">{messageOf(promote.error)}</Notice>}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={close}>
          Not now
        </Button>
        <Button loading={promote.sending} onClick={() => promote.send()}>
          Promote
        </Button>
      </Group>
    </Stack>
  );
}
