import { SegmentedControl } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { detailsOf, fieldErrors } from "@/api/errors";
import { predict, predictionInputsQuery } from "@/api/predictions";
import type {
  ListName,
  PastPurchase,
  Prediction,
  PredictionInputs,
  PredictionRequest,
  QuickTest,
  Rules,
} from "@/api/schema";
import { complete, count, NO_RULES } from "@/rules/rules";
import { Loaded } from "@/ui/Loaded";
import { Notice } from "@/ui/Notice";
import { Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import { Customers } from "./Customers";
import { PastPurchases } from "./PastPurchases";
import classes from "./Playground.module.css";
import { RawValues } from "./RawValues";
import { Recommended } from "./Recommended";
import { RuleSetChoice } from "./RuleSetChoice";
import { RulesByHand } from "./RulesByHand";

/** Whom the model recommends what: for a customer of the data, or for one made up. */
export default function Playground({ test }: { test: QuickTest }) {
  const inputs = useQuery(predictionInputsQuery(test.id, ""));
  return (
    <Section
      title="Ask the model"
      lead="What it recommends to a customer, next to what they bought before. The first answer takes a few seconds while the model loads."
    >
      <Loaded query={inputs} skeleton={<Rows count={1} height={420} />}>
        {(found) => <Asking test={test} inputs={found} />}
      </Loaded>
    </Section>
  );
}

type Whom = Pick<PredictionRequest, "customer_id" | "values">;

const NOBODY: Whom = { customer_id: null, values: {} };

const LISTS: { value: ListName; label: string }[] = [
  { value: "all", label: "All" },
  { value: "buy_again", label: "Buy again" },
  { value: "discover", label: "Discover" },
];

/** The products of an answer, by id. */
function namesOf(prediction: Prediction | undefined): Map<string, string> {
  const shown = [...(prediction?.history ?? []), ...(prediction?.recommendations ?? [])];
  return new Map(shown.map(({ product_id, name }) => [product_id, name ?? product_id]));
}

function Asking({ test, inputs }: { test: QuickTest; inputs: PredictionInputs }) {
  const { id } = test;
  const [way, setWay] = useState("customer");
  const [list, setList] = useState<ListName>("all");
  const [past, setPast] = useState<PastPurchase[] | null>(null);
  const [rules, setRules] = useState<string | null>(null);
  const [byHand, setByHand] = useState<Rules>(NO_RULES);
  const [whom, setWhom] = useState<Whom | null>(null);
  const asked = useMutation({ mutationFn: (body: PredictionRequest) => predict(id, body) });
  const { mutate } = asked;
  const ask = useCallback(
    (body: Whom & Pick<PredictionRequest, "list" | "history" | "rule_set" | "rules">) =>
      mutate({
        product_ids: [],
        k: Math.min(20, inputs.max_k),
        explain: false,
        held_out: false,
        ...body,
      }),
    [mutate, inputs.max_k],
  );
  // Whatever is changed is asked at once, for whoever was asked for last.
  function change(to: {
    whom?: Whom;
    list?: ListName;
    history?: PastPurchase[] | null;
    rules?: string | null;
    byHand?: Rules;
  }): void {
    const next = { whom, list, history: past, rules, byHand, ...to };
    const whole = complete(next.byHand);
    setWhom(next.whom);
    setList(next.list);
    setPast(next.history);
    setRules(next.rules);
    if (next.whom || next.history) {
      ask({
        ...(next.whom ?? NOBODY),
        list: next.list,
        history: next.history,
        rule_set: next.rules,
        rules: count(whole) > 0 ? whole : null,
      });
    }
  }
  const askSoon = useDebouncedCallback((rules: Rules) => change({ byHand: rules }), 500);
  const products = useMemo(() => namesOf(asked.data), [asked.data]);
  return (
    <div className={classes.playground}>
      <div>
        <SegmentedControl
          aria-label="Recommend to"
          fullWidth
          mb="md"
          data={[
            { value: "customer", label: "A customer" },
            { value: "values", label: "Custom values" },
          ]}
          value={way}
          onChange={setWay}
        />
        {way === "customer" ? (
          <Customers
            id={id}
            total={inputs.customer_count}
            chosen={asked.variables?.customer_id ?? null}
            onChoose={(customer_id) => change({ whom: { customer_id, values: {} } })}
          />
        ) : (
          <RawValues
            inputs={inputs}
            pending={asked.isPending}
            onAsk={(values) => change({ whom: { customer_id: null, values } })}
          />
        )}
        {inputs.looks_back && (
          <PastPurchases
            value={past}
            onChange={(history) => change({ history })}
            products={products}
          />
        )}
        <RuleSetChoice
          description="What the list may hold: the model is asked under its rules."
          value={rules}
          onChange={(chosen) => change({ rules: chosen })}
        />
        <RulesByHand
          test={test}
          rules={byHand}
          onChange={(rules) => {
            setByHand(rules);
            askSoon(rules);
          }}
          errors={fieldErrors(asked.error)}
        />
      </div>
      <div>
        <SegmentedControl
          aria-label="List"
          mb="md"
          data={LISTS}
          value={list}
          onChange={(value) => change({ list: value as ListName })}
        />
        <div aria-live="polite" aria-busy={asked.isPending}>
          {asked.error ? (
            <Notice tone="bad" title="The model did not answer.">
              {detailsOf(asked.error)}
            </Notice>
          ) : asked.data ? (
            <div className={classes.answer} data-pending={asked.isPending || undefined}>
              <Recommended
                id={id}
                prediction={asked.data}
                asked={asked.variables}
                inputs={inputs}
              />
            </div>
          ) : (
            <div className={classes.hint}>
              {asked.isPending
                ? "Loading the model …"
                : "Choose a customer, or enter values, to see recommendations."}
            </div>
          )}
        </div>
      </div>
    </div>
  );
}
