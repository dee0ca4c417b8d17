import { Anchor } from "@mantine/core";
import { Fragment, type ReactNode, useState } from "react";
import type { Prediction, PredictionInputs, PredictionRequest } from "@/api/schema";
import { count, number, plural } from "@/ui/format";
import table from "@/ui/table.module.css";
import { AppliedRules } from "./AppliedRules";
import { daysAgo } from "./PastPurchases";
import classes from "./Recommended.module.css";
import { Why } from "./Why";

interface Props {
  /** Of the quick test. */
  id: string;
  prediction: Prediction;
  asked: PredictionRequest;
  inputs: PredictionInputs;
}

/** What was recommended, beside what the customer bought before. */
export function Recommended({ id, prediction, asked, inputs }: Props) {
  const [open, setOpen] = useState<string | null>(null);
  const explains = asked.k <= inputs.max_explained;
  const { recommendations, history, products_bought: bought, known } = prediction;
  const { unknown_products: unknown } = prediction;
  const again = recommendations.filter((item) => item.bought_before).length;
  return (
    <div className={classes.columns}>
      <div>
        <h3 className={classes.title}>Recommended {whom(asked)}</h3>
        <p className={classes.note}>
          {known || asked.history
            ? `${again} of ${recommendations.length} bought before, ${recommendations.length - again} new.`
            : "Not among the customers in training: recommendations rest on the other features."}
        </p>
        {unknown.length > 0 && (
          <p className={classes.note}>
            Left out, for nobody bought them in the training data: {unknown.join(", ")}.
          </p>
        )}
        {prediction.applied && <AppliedRules applied={prediction.applied} />}
        {recommendations.length === 0 && (
          <p className={classes.note}>There are no such products.</p>
        )}
        <table hidden={recommendations.length === 0} className={`${table.table} ${classes.table}`}>
          <thead>
            <tr>
              <th scope="col">
                <span className={classes.place}>#</span>Product
              </th>
              {inputs.rates && (
                <th scope="col" className={table.number} title={inputs.rating_column ?? undefined}>
                  Expected {inputs.rating_column ?? "rating"}
                </th>
              )}
              {inputs.recommends && (
                <th
                  scope="col"
                  className={table.number}
                  title="Scores of one customer can be compared with each other only."
                >
                  Score
                </th>
              )}
              <th scope="col">Before</th>
            </tr>
          </thead>
          <tbody>
            {recommendations.map((item, place) => (
              <Fragment key={item.product_id}>
                <tr data-open={open === item.product_id || undefined}>
                  <th scope="row">
                    <span className={classes.place}>{place + 1}</span>
                    <Product id={item.product_id} name={item.name}>
                      {explains && (
                        <Anchor
                          component="button"
                          type="button"
                          className={classes.why}
                          aria-expanded={open === item.product_id}
                          aria-label={`Why ${item.name ?? item.product_id}?`}
                          onClick={() => setOpen(open === item.product_id ? null : item.product_id)}
                        >
                          Why?
                        </Anchor>
                      )}
                    </Product>
                  </th>
                  {inputs.rates && <td className={table.number}>{number(item.rating)}</td>}
                  {inputs.recommends && <td className={table.number}>{item.score.toFixed(3)}</td>}
                  <td className={classes.before}>
                    {item.pinned && <span className={classes.badge}>pinned</span>}{" "}
                    {item.bought_before ? <Bought days={item.last_bought_days_ago} /> : "new"}
                  </td>
                </tr>
                {open === item.product_id && (
                  <tr>
                    <td colSpan={4}>
                      <Why id={id} asked={asked} productId={item.product_id} />
                    </td>
                  </tr>
                )}
              </Fragment>
            ))}
          </tbody>
        </table>
      </div>
      <div>
        <h3 className={classes.title}>Bought before</h3>
        <p className={classes.note}>
          {bought === 0
            ? asked.history
              ? "Nothing."
              : "Nothing in the training data."
            : `${plural(bought, "product")}, most frequent first.`}
        </p>
        {history.length > 0 && (
          <ol className={classes.history}>
            {history.slice(0, 20).map((item) => (
              <li key={item.product_id}>
                <Product id={item.product_id} name={item.name} />
                <span className={classes.count}>{count(item.count)}×</span>
              </li>
            ))}
          </ol>
        )}
        {history.length > 20 && <p className={classes.note}>and {count(bought - 20)} more</p>}
      </div>
    </div>
  );
}

function whom({ customer_id, values, history }: PredictionRequest): string {
  if (customer_id) return `to ${customer_id}`;
  return history && Object.keys(values).length === 0 ? "for these purchases" : "for these values";
}

/** When the customer bought it last, where that is known. */
function Bought({ days }: { days: number | null | undefined }) {
  return (
    <span className={classes.badge} title="Bought last">
      {days == null ? "bought before" : daysAgo(days)}
    </span>
  );
}

interface ProductProps {
  id: string;
  name: string | null;
  children?: ReactNode;
}

function Product({ id, name, children }: ProductProps) {
  return (
    <span className={classes.product}>
      {name ?? id} {name && name !== id && <span className={table.quiet}>{id}</span>} {children}
    </span>
  );
}
