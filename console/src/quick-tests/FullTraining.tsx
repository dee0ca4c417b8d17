import { Button, Group, Modal, NumberInput, Stack, Switch, Text } from "@mantine/core";
import { useDebouncedValue, useDisclosure } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { fieldErrors, messageOf } from "@/api/errors";
import { forecastQuery, quickTests, trainInFull } from "@/api/quickTests";
import type { QuickTest } from "@/api/schema";
import { Notice } from "@/ui/Notice";
import { Term } from "@/ui/Term";
import { EstimateFigures } from "./Forecast";

export function FullTrainingButton({ test }: { test: QuickTest }) {
  const [asking, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button onClick={open}>Train in full</Button>
      <Modal opened={asking} onClose={close} title="Train on all data, and keep the model">
        {asking && <Form test={test} close={close} />}
      </Modal>
    </>
  );
}

function Form({ test, close }: { test: QuickTest; close: () => void }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [epochs, setEpochs] = useState(20);
  const [stops, setStops] = useState(true);
  const settings = { epochs, early_stopping_patience: stops ? 2 : null, data_sample_percent: 100 };
  const [asked] = useDebouncedValue({ ...test.spec, ...settings }, 250);
  const forecast = useQuery(
    forecastQuery({ ...asked, purpose: "full_training", source_test_id: test.id, sweep_id: null }),
  );
  const start = useMutation({
    mutationFn: () => trainInFull(test.id, settings),
    onSuccess: (made) => {
      client.setQueryData(quickTests.query(made.id).queryKey, made);
      void client.invalidateQueries({ queryKey: [quickTests.key, "list"] });
      close();
      void navigate(quickTests.path(made.id));
    },
  });
  const errors = fieldErrors(start.error);
  return (
    <Stack gap="md">
      <Text c="var(--text-2)">
        The same features and the same model as in “{test.name}”, at the versions that were tested.
        When it completes, the features are marked as promoted.
      </Text>
      <NumberInput
        label={<Term term="epochs">Go through the data at most</Term>}
        value={epochs}
        onChange={(value) => typeof value === "number" && setEpochs(value)}
        min={1}
        max={100}
        allowDecimal={false}
        suffix=" times"
        error={errors["spec.epochs"]}
        data-autofocus
      />
      <Switch
        label={<Term term="early stopping">Stop when it no longer gets better</Term>}
        description="After two epochs without progress on the purchases held back; the best epoch is kept."
        checked={stops}
        onChange={(event) => setStops(event.currentTarget.checked)}
      />
      <EstimateFigures estimate={forecast.data?.estimate} />
      {(start.error ?? forecast.error) && (
        <Notice tone="bad">{messageOf(start.error ?? forecast.error)}</Notice>
      )}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={close}>
          Not now
        </Button>
        <Button loading={start.isPending} onClick={() => start.mutate()}>
          Start training
        </Button>
      </Group>
    </Stack>
  );
}
