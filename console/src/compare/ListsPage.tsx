import { Anchor, Button } from "@mantine/core";
import { IconArrowsShuffle, IconCheck } from "@tabler/icons-react";
import { useQueries, useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { messageOf } from "@/api/errors";
import { predictionInputsQuery } from "@/api/predictions";
import { quickTests } from "@/api/quickTests";
import type { Prediction, PredictionInputs, QuickTest } from "@/api/schema";
import { Customers } from "@/quick-tests/Customers";
import { Loaded } from "@/ui/Loaded";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { chosenIds, withParams } from "./chosen";
import classes from "./ListsPage.module.css";
import { cameTrue, inBoth, listQuery, named, placesOf, TOP } from "./lists";
import { TestPicker } from "./TestPicker";
import { WhereTheyDiffer } from "./WhereTheyDiffer";

/** `/compare/lists?tests=ID,ID&customer=ID` */
export default function ListsPage() {
  const [search, setSearch] = useSearchParams();
  const ids = chosenIds(search).slice(0, 2);
  const tests = useQueries({ queries: ids.map((id) => quickTests.query(id)) });
  const [one, other] = tests.map(({ data }) => data);
  const fault = tests.find(({ error }) => error)?.error;
  return (
    <Page
      title="What two models recommend"
      lead="Two lists for the same customer, side by side: what both recommend, and what only one of them does."
      parent={{ label: "Compare", to: `/compare?${withParams(search, { customer: null })}` }}
      wide
    >
      {fault ? (
        <Notice tone="bad" title="A test could not be loaded.">
          {messageOf(fault)}
        </Notice>
      ) : ids.length < 2 ? (
        <TestPicker
          first={ids}
          onChoose={(chosen) => setSearch(withParams(search, { tests: chosen.join(",") }))}
        />
      ) : one && other ? (
        <Two
          tests={[one, other]}
          customer={search.get("customer")}
          onChoose={(customer) => setSearch(withParams(search, { customer }), { replace: true })}
        />
      ) : (
        <Rows count={1} height={420} />
      )}
    </Page>
  );
}

interface Props {
  tests: [QuickTest, QuickTest];
  customer: string | null;
  onChoose: (customer: string) => void;
}

function Two({ tests: [one, other], customer, onChoose }: Props) {
  const inputs = useQuery(predictionInputsQuery(one.id, ""));
  return (
    <Loaded query={inputs} skeleton={<Rows count={1} height={420} />}>
      {(found) => (
        <div className={classes.page}>
          <div>
            <Button
              fullWidth
              mb="sm"
              variant="default"
              leftSection={<IconArrowsShuffle size={16} />}
              onClick={() => onChoose(anyOf(found, customer))}
            >
              Another customer
            </Button>
            <Customers
              id={one.id}
              total={found.customer_count}
              chosen={customer}
              onChoose={onChoose}
            />
          </div>
          <div>
            {customer === null ? (
              <p className={classes.hint}>Choose a customer to see both lists.</p>
            ) : (
              <Answers one={one} other={other} customer={customer} />
            )}
            <WhereTheyDiffer
              one={one}
              other={other}
              customers={found.customers.map(({ customer_id }) => customer_id)}
              onChoose={onChoose}
            />
          </div>
        </div>
      )}
    </Loaded>
  );
}

/** One of the customers that are listed, at random; another one than now. */
function anyOf({ customers }: PredictionInputs, now: string | null): string {
  const others = customers.map(({ customer_id }) => customer_id).filter((id) => id !== now);
  return others[Math.floor(Math.random() * others.length)] ?? now ?? "";
}

function Answers({ one, other, customer }: { one: QuickTest; other: QuickTest; customer: string }) {
  const [mine, theirs] = useQueries({
    queries: [one, other].map(({ id }) => listQuery(id, customer)),
  });
  const error = mine?.error ?? theirs?.error;
  if (error) {
    return (
      <Notice tone="bad" title="A model did not answer.">
        {messageOf(error)}
      </Notice>
    );
  }
  if (!mine?.data || !theirs?.data) {
    return (
      <div aria-busy="true">
        <p className={classes.said}>The models are asked. The first answer takes a few seconds.</p>
        <Rows count={TOP} height={36} />
      </div>
    );
  }
  const both = inBoth(mine.data, theirs.data);
  const length = Math.max(mine.data.recommendations.length, theirs.data.recommendations.length);
  return (
    <>
      <p className={classes.said} aria-live="polite">
        {both === length
          ? "Both lists have the same products."
          : `${both} of ${length} products are in both lists.`}
      </p>
      <div className={classes.lists}>
        <List test={one} answer={mine.data} against={theirs.data} />
        <List test={other} answer={theirs.data} against={mine.data} />
      </div>
      <Bought answer={mine.data} />
    </>
  );
}

interface ListProps {
  test: QuickTest;
  answer: Prediction;
  against: Prediction;
}

function List({ test, answer, against }: ListProps) {
  const places = placesOf(against);
  const later = answer.products_held_out;
  return (
    <section aria-label={test.name}>
      <h2 className={classes.name}>
        <Anchor component={Link} to={quickTests.path(test.id)}>
          {test.name}
        </Anchor>
      </h2>
      {later > 0 && (
        <p className={classes.hits}>
          {cameTrue(answer)} of the {later} bought later {later === 1 ? "is" : "are"} in this list.
        </p>
      )}
      <ol className={classes.list}>
        {answer.recommendations.map(({ product_id, name, bought_before, held_out }) => {
          const place = places.get(product_id);
          return (
            <li key={product_id} data-alone={place === undefined || undefined}>
              <span className={classes.product}>
                {name ?? product_id}{" "}
                {bought_before && <span className={classes.quiet}>bought before</span>}
                {held_out && (
                  <span className={classes.hit}>
                    <IconCheck size={14} aria-hidden /> bought later
                  </span>
                )}
              </span>
              <span className={classes.quiet}>{place ? `there ${place}.` : "only here"}</span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function Bought({ answer }: { answer: Prediction }) {
  const { history, products_bought: before, held_out: later, products_held_out } = answer;
  return (
    <div className={classes.bought}>
      <p>
        {before === 0
          ? "The customer bought nothing in the training data."
          : `Bought before, most often first: ${named(history, before)}.`}
      </p>
      {later && (
        <p>
          {later.length === 0
            ? "Nothing of the customer's was held out, so that nothing tells which list came true."
            : `Bought later, in the rows that the test was judged by: ${named(later, products_held_out)}.`}
        </p>
      )}
    </div>
  );
}
