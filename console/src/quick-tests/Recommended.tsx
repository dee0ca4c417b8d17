import type { Prediction, PredictionInputs } from "@/api/schema";
import { count, number } from "@/ui/format";
import table from "@/ui/table.module.css";
import classes from "./Recommended.module.css";

interface Props {
  prediction: Prediction;
  customer: string | null;
  inputs: PredictionInputs;
}

/** What was recommended, beside what the customer bought before. */
export function Recommended({ prediction, customer, inputs }: Props) {
  const { recommendations, history, products_bought: bought, known } = prediction;
  const again = recommendations.filter((item) => item.bought_before).length;
  return (
    <div className={classes.columns}>
      <div>
        <h3 className={classes.title}>
          Recommended {customer ? `to ${customer}` : "to someone like that"}
        </h3>
        <p className={classes.note}>
          {known
            ? `${again} of ${recommendations.length} bought before, ${recommendations.length - again} new.`
            : "Not among the customers that the model was trained with: it goes by what else it is told."}
        </p>
        <table className={`${table.table} ${classes.table}`}>
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
                  title="Only the order among one customer's products has a meaning."
                >
                  Score
                </th>
              )}
              <th scope="col">Before</th>
            </tr>
          </thead>
          <tbody>
            {recommendations.map((item, place) => (
              <tr key={item.product_id}>
                <th scope="row">
                  <span className={classes.place}>{place + 1}</span>
                  <Product id={item.product_id} name={item.name} />
                </th>
                {inputs.rates && <td className={table.number}>{number(item.rating)}</td>}
                {inputs.recommends && <td className={table.number}>{item.score.toFixed(3)}</td>}
                <td className={classes.before}>{item.bought_before ? "bought before" : "new"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div>
        <h3 className={classes.title}>Bought before</h3>
        <p className={classes.note}>
          {bought === 0
            ? "Nothing that the model was trained with."
            : `${count(bought)} different ${bought === 1 ? "product" : "products"}, the most frequent first.`}
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

function Product({ id, name }: { id: string; name: string | null }) {
  return (
    <span className={classes.product}>
      {name ?? id} {name && name !== id && <span className={table.quiet}>{id}</span>}
    </span>
  );
}
