import { Button, Checkbox, Group, Modal, NumberInput, Stack, Switch, Text } from "@mantine/core";
import { useDebouncedValue, useDisclosure } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { defaultsOf, limitsOf, settingOf } from "@/api/catalogue";
import { fieldErrors, messageOf } from "@/api/errors";
import { forecastQuery, quickTests, trainInFull } from "@/api/quickTests";
import type { FullTraining, QuickTest } from "@/api/schema";
import { useRequest } from "@/editing/useRequest";
import { plural } from "@/ui/format";
import { Notice } from "@/ui/Notice";
import { messageAt } from "./draft";
import { EstimateFigures } from "./Forecast";
import { RuleSetChoice } from "./RuleSetChoice";

/** The next step after a test that is a clear gain; after others, one can take it all the same. */
export function FullTrainingButton({ test }: { test: QuickTest }) {
  const [asking, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button
        onClick={open}
        variant={test.status.verdict?.standing === "better" ? "filled" : "default"}
      >
        Train in full
      </Button>
      <Modal opened={asking} onClose={close} title="Train on all data, and keep the model">
        {asking && <Form test={test} close={close} />}
      </Modal>
    </>
  );
}

function Form({ test, close }: { test: QuickTest; close: () => void }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [usual] = useState(() => defaultsOf("full_training") as unknown as FullTraining);
  const [epochs, setEpochs] = useState(usual.epochs);
  const [stops, setStops] = useState(true);
  const [warm, setWarm] = useState(false);
  const [rules, setRules] = useState(test.spec.rule_set_id ?? null);
  const settings = {
    epochs,
    early_stopping_patience: stops ? usual.early_stopping_patience : 0,
    data_sample_percent: usual.data_sample_percent,
  };
  const [asked] = useDebouncedValue({ ...test.spec, ...settings, rule_set_id: rules }, 250);
  const forecast = useQuery(
    forecastQuery({ ...asked, purpose: "full_training", source_test_id: test.id, sweep_id: null }),
  );
  const start = useRequest({
    // Without a rule set none is measured, whatever the quick test's was.
    send: (body: typeof settings, key) =>
      trainInFull(test.id, { ...body, warm_start: warm, rule_set_id: rules ?? "" }, key),
    onSuccess: async (made) => {
      client.setQueryData(quickTests.query(made.id).queryKey, made);
      void client.invalidateQueries({ queryKey: [quickTests.key, "list"] });
      await navigate(quickTests.path(made.id));
      close();
    },
  });
  const errors = fieldErrors(start.error);
  const problems = forecast.data?.problems ?? [];
  const warnings = problems.filter(({ path }) => path === "spec.source_test_id");
  return (
    <Stack gap="md">
      <Text c="var(--text-2)">
        The same features and model as in “{test.name}”, at the versions that were tested. When it
        completes, the features are marked as promoted.
      </Text>
      {warnings.map(({ message }) => (
        <Notice key={message} tone="warning">
          {message}
        </Notice>
      ))}
      <NumberInput
        label="Maximum epochs"
        value={epochs}
        onChange={(value) => typeof value === "number" && setEpochs(value)}
        {...limitsOf(settingOf("full_training", "epochs"))}
        error={errors["spec.epochs"]}
        data-autofocus
      />
      <Switch
        label={settingOf("full_training", "early_stopping_patience").label}
        description={`Stop after ${plural(usual.early_stopping_patience ?? 0, "epoch")} without a lower validation loss, and keep the best epoch's weights.`}
        checked={stops}
        onChange={(event) => setStops(event.currentTarget.checked)}
      />
      <Checkbox
        label={settingOf("full_training", "warm_start").label}
        description={settingOf("full_training", "warm_start").help}
        checked={warm}
        onChange={(event) => setWarm(event.currentTarget.checked)}
        error={errors.warm_start ?? errors["spec.warm_start_test_id"]}
      />
      <RuleSetChoice
        description={settingOf("quick_test", "rule_set_id").help}
        value={rules}
        onChange={setRules}
        error={errors["spec.rule_set_id"] ?? messageAt(problems, "spec.rule_set_id", "error")}
      />
      <EstimateFigures estimate={forecast.data?.estimate} />
      {(start.error ?? forecast.error) && (
        <Notice tone="bad">{messageOf(start.error ?? forecast.error)}</Notice>
      )}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={close}>
          Not now
        </Button>
        <Button loading={start.sending} onClick={() => start.send(settings)}>
          Start training
        </Button>
      </Group>
    </Stack>
  );
}
