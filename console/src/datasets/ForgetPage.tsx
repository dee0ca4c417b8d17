import { Button, Group, Select, Stack, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { erasurePlan, forget, type Whom } from "@/api/customers";
import { datasets } from "@/api/datasets";
import { detailsOf, fieldErrors } from "@/api/errors";
import { useRequest } from "@/editing/useRequest";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { Section } from "@/ui/Section";
import { Erased } from "./Erased";
import { ForgetNow } from "./ForgetNow";

/** An id typed here stays in the page: it is part of no address and of no draft. */
export default function ForgetPage() {
  const client = useQueryClient();
  const sets = useQuery(datasets.listQuery).data ?? [];
  const [customer, setCustomer] = useState("");
  const [dataset, setDataset] = useState<string | null>(null);
  const [planned, setPlanned] = useState<Whom | null>(null);
  const look = useRequest({ send: erasurePlan, onSuccess: (_, body) => setPlanned(body) });
  const erase = useRequest({
    send: forget,
    onSuccess: () => client.invalidateQueries(),
  });
  const again = () => {
    setPlanned(null);
    look.reset();
    erase.reset();
  };
  const wrong = fieldErrors(look.error).customer_id;
  return (
    <Page
      title="Forget a customer"
      lead="Takes a customer's id out of profiles, messages, caches and logs. Take their rows out of your data first: it is yours, and only read here."
      parent={{ label: "Datasets", to: "/datasets" }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          again();
          look.send({ customer_id: customer.trim(), dataset_id: dataset });
        }}
      >
        <Stack gap="md" maw="28rem">
          <TextInput
            label="Customer"
            description="The id as your data has it."
            value={customer}
            onChange={(event) => {
              setCustomer(event.currentTarget.value);
              again();
            }}
            error={wrong}
            autoComplete="off"
            spellCheck={false}
          />
          <Select
            label="Dataset"
            description="Whose id it is, where datasets number their customers alike."
            placeholder="All datasets"
            clearable
            data={sets.map(({ id, name }) => ({ value: id, label: name }))}
            value={dataset}
            onChange={(value) => {
              setDataset(value);
              again();
            }}
          />
          <Group>
            <Button type="submit" loading={look.sending} disabled={!customer.trim()}>
              Show what would go
            </Button>
          </Group>
          {look.error && !wrong && <Notice tone="bad">{detailsOf(look.error)}</Notice>}
        </Stack>
      </form>
      {erase.answer ? (
        <Section title="What was done">
          <Erased found={erase.answer} done />
        </Section>
      ) : (
        planned &&
        look.answer && (
          <Section title="What would go" lead="Nothing has been changed yet.">
            <Erased found={look.answer} />
            <ForgetNow
              whom={planned}
              knowing={look.answer.knowing}
              loading={erase.sending}
              onForget={(models) => erase.send({ ...planned, models })}
              fault={erase.error}
            />
          </Section>
        )
      )}
    </Page>
  );
}
