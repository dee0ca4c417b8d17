import { Autocomplete, Button, Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { detailsOf } from "@/api/errors";
import { predictionInputsQuery, recommendedQuery } from "@/api/predictions";
import type { QuickTestSummary, Rules } from "@/api/schema";
import { AppliedRules } from "@/quick-tests/AppliedRules";
import { Notice } from "@/ui/Notice";
import { Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import classes from "./Preview.module.css";
import { compared, count, type Place } from "./rules";

interface Props {
  /** Complete ones. */
  rules: Rules;
  /** Whose models can be asked: completed, the latest first. */
  tests: QuickTestSummary[];
}

const LISTED = 10;

/** What a customer's list is without the rules and under them, by a model of one's choice. */
export function Preview({ rules, tests }: Props) {
  return (
    <Section
      title="Preview"
      lead="What a model recommends to one customer, without the rules and under them. The first answer takes a few seconds while the model loads."
    >
      {tests.length === 0 ? (
        <p className={classes.note}>
          Lists can be shown once a quick test over this dataset has completed.
        </p>
      ) : (
        <Asked rules={rules} tests={tests} />
      )}
    </Section>
  );
}

function Asked({ rules, tests }: Props) {
  const [test, setTest] = useState(tests[0]?.id ?? "");
  const [typed, setTyped] = useState("");
  const [asked, setAsked] = useState<{ test: string; customer: string } | null>(null);
  const [search] = useDebouncedValue(typed.trim(), 250);
  const inputs = useQuery(predictionInputsQuery(test, search));
  const customers = inputs.data?.customers.map(({ customer_id }) => customer_id) ?? [];
  const customer = typed.trim() || customers[0] || "";
  return (
    <>
      <div className={classes.asked}>
        <Select
          label="Model of"
          data={tests.map(({ id, name }) => ({ value: id, label: name }))}
          value={test}
          onChange={(chosen) => chosen && setTest(chosen)}
          allowDeselect={false}
          searchable
        />
        <Autocomplete
          label="Customer"
          placeholder={customers[0] ?? "Its id"}
          data={customers}
          value={typed}
          onChange={setTyped}
          filter={({ options }) => options}
        />
        <Button
          variant="default"
          disabled={customer === ""}
          onClick={() => setAsked({ test, customer })}
        >
          Show the lists
        </Button>
      </div>
      {inputs.error && <Notice tone="bad">{detailsOf(inputs.error)}</Notice>}
      {asked && <Lists {...asked} rules={rules} />}
    </>
  );
}

function Lists({ test, customer, rules }: { test: string; customer: string; rules: Rules }) {
  const [settled] = useDebouncedValue(rules, 400);
  const listQuery = (under: Rules | null) => ({
    ...recommendedQuery(test, customer, LISTED, { rules: under }),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    retry: false,
  });
  const plain = useQuery(listQuery(null));
  const ruled = useQuery(listQuery(settled));
  const fault = plain.error ?? ruled.error;
  if (fault) {
    return (
      <Notice tone="bad" title="The model did not answer.">
        {detailsOf(fault)}
      </Notice>
    );
  }
  if (!plain.data || !ruled.data) return <Rows count={5} height={32} />;
  const { without, under } = compared(plain.data.recommendations, ruled.data.recommendations);
  return (
    <>
      <div
        className={classes.lists}
        data-pending={ruled.isPlaceholderData || settled !== rules || undefined}
        aria-live="polite"
      >
        <List title="Without rules" places={without} />
        <List title={count(rules) ? "Under the rules" : "Under no rules yet"} places={under} />
      </div>
      {ruled.data.applied && <AppliedRules applied={ruled.data.applied} />}
    </>
  );
}

function List({ title, places }: { title: string; places: Place[] }) {
  return (
    <section aria-label={title}>
      <h3 className={classes.title}>{title}</h3>
      {places.length === 0 && <p className={classes.note}>No product.</p>}
      <ol className={classes.list}>
        {places.map(({ product_id, name, mark, other }, at) => (
          <li key={product_id} className={classes.item} data-mark={mark}>
            <span className={classes.place}>{at + 1}</span>
            <span className={classes.product}>{name ?? product_id}</span>
            <span className={classes.mark}>
              {mark === "moved" ? `was ${other}` : mark === "kept" ? "" : mark}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
