import { SegmentedControl } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { messageOf } from "@/api/errors";
import { predict, predictionInputsQuery } from "@/api/predictions";
import type { PredictionInputs, PredictionRequest, QuickTest } from "@/api/schema";
import { Loaded } from "@/ui/Loaded";
import { Notice } from "@/ui/Notice";
import { Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import { Customers } from "./Customers";
import classes from "./Playground.module.css";
import { RawValues } from "./RawValues";
import { Recommended } from "./Recommended";

/** Whom the model recommends what: for a customer of the data, or for one made up. */
export default function Playground({ test }: { test: QuickTest }) {
  const inputs = useQuery(predictionInputsQuery(test.id, ""));
  return (
    <Section
      title="Ask the model"
      lead="What it recommends to a customer, beside what they bought before. The first answer takes some seconds, while the model is loaded."
    >
      <Loaded query={inputs} skeleton={<Rows count={1} height={420} />}>
        {(found) => <Asking id={test.id} inputs={found} />}
      </Loaded>
    </Section>
  );
}

function Asking({ id, inputs }: { id: string; inputs: PredictionInputs }) {
  const [way, setWay] = useState("customer");
  const asked = useMutation({ mutationFn: (body: PredictionRequest) => predict(id, body) });
  const { mutate } = asked;
  const ask = useCallback(
    (body: Partial<PredictionRequest>) =>
      mutate({
        customer_id: null,
        values: {},
        product_ids: [],
        k: Math.min(20, inputs.max_k),
        ...body,
      }),
    [mutate, inputs.max_k],
  );
  return (
    <div className={classes.playground}>
      <div>
        <SegmentedControl
          aria-label="Whom to ask for"
          fullWidth
          mb="md"
          data={[
            { value: "customer", label: "A customer" },
            { value: "values", label: "Someone made up" },
          ]}
          value={way}
          onChange={setWay}
        />
        {way === "customer" ? (
          <Customers
            id={id}
            total={inputs.customer_count}
            chosen={asked.variables?.customer_id ?? null}
            onChoose={(customer_id) => ask({ customer_id })}
          />
        ) : (
          <RawValues
            inputs={inputs}
            pending={asked.isPending}
            onAsk={(values) => ask({ values })}
          />
        )}
      </div>
      <div aria-live="polite" aria-busy={asked.isPending}>
        {asked.error ? (
          <Notice tone="bad" title="The model gave no answer.">
            {messageOf(asked.error)}
          </Notice>
        ) : asked.data ? (
          <div className={classes.answer} data-pending={asked.isPending || undefined}>
            <Recommended
              prediction={asked.data}
              customer={asked.variables?.customer_id ?? null}
              inputs={inputs}
            />
          </div>
        ) : (
          <div className={classes.hint}>
            {asked.isPending
              ? "The model is being loaded …"
              : "Choose a customer, or describe one, to see what is recommended."}
          </div>
        )}
      </div>
    </div>
  );
}
