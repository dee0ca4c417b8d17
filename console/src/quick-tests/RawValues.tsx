import { Button, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import type { PredictionInputs, PredictionRequest } from "@/api/schema";
import { parsed } from "./parsed";

interface Props {
  inputs: PredictionInputs;
  pending: boolean;
  onAsk: (values: PredictionRequest["values"]) => void;
}

/** Somebody who is described by raw values; what is left empty counts as missing. */
export function RawValues({ inputs, pending, onAsk }: Props) {
  const [texts, setTexts] = useState<Record<string, string>>({});
  const read = Object.fromEntries(
    inputs.columns.map(({ column, type }) => [column, parsed(texts[column] ?? "", type)]),
  );
  const errors = Object.values(read).some(({ error }) => error);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (errors) return;
        const values = Object.entries(read).filter(([, { value }]) => value !== null);
        onAsk(Object.fromEntries(values.map(([column, { value }]) => [column, value ?? null])));
      }}
    >
      <Stack gap="sm">
        {inputs.columns.map(({ column, type, example }) => (
          <TextInput
            key={column}
            label={column}
            placeholder={example === null ? `${type}` : `for example ${example}`}
            value={texts[column] ?? ""}
            onChange={(event) => {
              const text = event.currentTarget.value;
              setTexts((before) => ({ ...before, [column]: text }));
            }}
            error={read[column]?.error}
          />
        ))}
        <Button type="submit" loading={pending} disabled={errors}>
          Recommend
        </Button>
      </Stack>
    </form>
  );
}
