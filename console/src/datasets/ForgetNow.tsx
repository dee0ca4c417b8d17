import { Checkbox, Group, Stack } from "@mantine/core";
import { useState } from "react";
import type { Whom } from "@/api/customers";
import { detailsOf } from "@/api/errors";
import type { Erasure } from "@/api/schema";
import { ConfirmButton } from "@/ui/Confirm";
import { Notice } from "@/ui/Notice";

interface Props {
  whom: Whom;
  knowing: Erasure["knowing"];
  loading: boolean;
  onForget: (models: boolean) => void;
  fault: unknown;
}

/** The last step. Whether tests go too is asked for here, each time. */
export function ForgetNow({ whom, knowing, loading, onForget, fault }: Props) {
  const [models, setModels] = useState(false);
  return (
    <Stack gap="md" mt="lg">
      {knowing.length > 0 && (
        <Checkbox
          label="Delete the tests that know them, with their models"
          description="A trained model cannot unlearn one customer. Tests that stay are listed again."
          checked={models}
          onChange={(event) => setModels(event.currentTarget.checked)}
        />
      )}
      <Group>
        <ConfirmButton
          label="Forget the customer"
          title={`Forget ${whom.customer_id}?`}
          keep="Keep everything"
          loading={loading}
          onConfirm={() => onForget(models)}
        >
          This cannot be undone.{" "}
          {models && "Tests that know the customer go with their models, files and runs in MLflow."}
        </ConfirmButton>
      </Group>
      {fault ? <Notice tone="bad">{detailsOf(fault)}</Notice> : null}
    </Stack>
  );
}
