import { Link, useNavigate } from "react-router";
import { quickTests } from "@/api/quickTests";
import type { QuickTestSummary } from "@/api/schema";
import { Look, MOST_CURVES, Overlaid } from "@/charts/Overlaid";
import { askedEpochs } from "@/results/words";
import { number, percent, plural } from "@/ui/format";
import list from "@/ui/list.module.css";
import classes from "./charts.module.css";

/** Loss and recall of several tests over each other; those that are selected, or the first ones. */
export function CurvesView({ tests, chosen }: { tests: QuickTestSummary[]; chosen: string[] }) {
  const navigate = useNavigate();
  const open = (id: string): void => void navigate(quickTests.path(id));
  const ended = tests.filter(({ status }) => status.epochs.length > 0 || status.results);
  const selected = ended.filter(({ id }) => chosen.includes(id));
  const shown = (selected.length > 0 ? selected : ended).slice(0, MOST_CURVES);
  const left = (selected.length > 0 ? selected : ended).length - shown.length;
  if (shown.length === 0) return <p className={list.none}>No test here has been trained yet.</p>;
  const curves = (points: (test: QuickTestSummary) => [number, number][]) =>
    shown.map((test) => ({ key: test.id, label: test.name, points: points(test) }));
  return (
    <>
      <ol className={classes.legend} aria-label="Tests in these charts">
        {shown.map((test, place) => (
          <li key={test.id}>
            <Look place={place} />
            <Link to={quickTests.path(test.id)} title={test.name}>
              {test.name}
            </Link>
          </li>
        ))}
      </ol>
      <div className={classes.charts}>
        <Overlaid
          title="Validation loss by epoch"
          curves={curves(({ status }) =>
            askedEpochs(status.epochs).flatMap(({ epoch, validation_loss: loss }) =>
              typeof loss === "number" ? [[epoch, loss]] : [],
            ),
          )}
          saidX={(epoch) => (epoch === 1 ? "epoch 1" : `${epoch}`)}
          saidY={number}
          onOpen={open}
        />
        <Overlaid
          title="Training loss by epoch"
          curves={curves(({ status }) =>
            askedEpochs(status.epochs).map(({ epoch, loss }) => [epoch, loss]),
          )}
          saidX={(epoch) => (epoch === 1 ? "epoch 1" : `${epoch}`)}
          saidY={number}
          onOpen={open}
        />
        <Overlaid
          title="Recall by how many products are listed"
          curves={curves(recallsOf)}
          logarithmic
          saidX={(k) => `@${k}`}
          saidY={(value) => percent(value, 0)}
          onOpen={open}
        />
      </div>
      <p className={classes.told}>
        {left > 0 &&
          `${plural(left, "further test")} would not be told apart here: select up to ${MOST_CURVES} in the table. `}
        Losses are compared only between models that minimise the same one.
      </p>
    </>
  );
}

/** recall@k of all purchases, by k. */
export function recallsOf({ status }: QuickTestSummary): [number, number][] {
  return Object.entries(status.results?.metrics ?? {})
    .flatMap(([name, value]): [number, number][] => {
      const k = /^recall_at_(\d+)$/.exec(name)?.[1];
      return k ? [[Number(k), value]] : [];
    })
    .sort(([one], [other]) => one - other);
}
