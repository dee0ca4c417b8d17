import { Button, Checkbox, Group, Modal, Stack, Text } from "@mantine/core";
import { useDebouncedValue, useDisclosure } from "@mantine/hooks";
import { IconChartLine } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { messageOf } from "@/api/errors";
import { curveForecastQuery, startCurve } from "@/api/learningCurves";
import type { LearningCurve, QuickTest } from "@/api/schema";
import { sweeps } from "@/api/sweeps";
import { useRequest } from "@/editing/useRequest";
import { plural } from "@/ui/format";
import { Notice } from "@/ui/Notice";
import { ValueButtons } from "@/ui/ValueButtons";
import { EstimateFigures } from "./Forecast";

/** Would more data, more epochs or another size of the model help this test? */
export function LearningCurveButton({ test }: { test: QuickTest }) {
  const [asking, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button onClick={open} variant="default" leftSection={<IconChartLine size={16} />}>
        Learning curves
      </Button>
      <Modal opened={asking} onClose={close} title="Would more data or more epochs help?">
        {asking && <Form test={test} close={close} />}
      </Modal>
    </>
  );
}

function Form({ test, close }: { test: QuickTest; close: () => void }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [sample, setSample] = useState(100);
  const [customers, setCustomers] = useState(true);
  const [epochs, setEpochs] = useState(true);
  const body = {
    shares: customers ? null : [],
    epochs: epochs ? null : [],
    data_sample_percent: sample,
  } as LearningCurve;
  const [asked] = useDebouncedValue(body, 250);
  const none = !customers && !epochs;
  const forecast = useQuery({ ...curveForecastQuery(test.id, asked), enabled: !none });
  const start = useRequest({
    send: (wanted: LearningCurve, key) => startCurve(test.id, wanted, key),
    onSuccess: async (made) => {
      client.setQueryData(sweeps.query(made.id).queryKey, made);
      void client.invalidateQueries({ queryKey: [sweeps.key, "list"] });
      await navigate(sweeps.path(made.id));
      close();
    },
  });
  const tests = forecast.data?.tests ?? [];
  const fault = start.error ?? forecast.error;
  return (
    <Stack gap="md">
      <Text c="var(--text-2)">
        Trains the features and the model of “{test.name}” on shares of the customers, and for other
        numbers of epochs. All tests are judged by the same held-out purchases.
      </Text>
      <Stack gap="xs">
        <Checkbox
          label="By share of the customers"
          checked={customers}
          onChange={(event) => setCustomers(event.currentTarget.checked)}
        />
        <Checkbox
          label="By epochs"
          checked={epochs}
          onChange={(event) => setEpochs(event.currentTarget.checked)}
        />
      </Stack>
      <ValueButtons
        label="Up to so many percent of the customers"
        customLabel="Percent of the customers"
        values={[10, 25, 50, 100]}
        value={sample}
        onChange={setSample}
        above={0}
        max={100}
      />
      {none ? (
        <Notice>Choose at least one of the two curves.</Notice>
      ) : (
        <>
          <EstimateFigures estimate={forecast.data?.estimate} />
          {tests.length > 0 && (
            <Text c="var(--text-2)" size="sm">
              {plural(tests.length, "test")}: {tests.map(({ label }) => label).join("; ")}.
            </Text>
          )}
          {forecast.data?.problems.map(({ path, code, message, level }) => (
            <Notice key={`${path} ${code}`} tone={level === "error" ? "bad" : "warning"}>
              {message}
            </Notice>
          ))}
        </>
      )}
      {fault && <Notice tone="bad">{messageOf(fault)}</Notice>}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={close}>
          Not now
        </Button>
        <Button
          disabled={none || !forecast.data?.valid}
          loading={start.sending}
          onClick={() => start.send(body)}
        >
          Start
        </Button>
      </Group>
    </Stack>
  );
}
