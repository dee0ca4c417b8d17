import type { Difference, Experiment, ExperimentResult } from "@/api/schema";
import { DifferenceBars } from "@/charts/DifferenceBars";
import { count, number, percent, percentage } from "@/ui/format";
import { Notice } from "@/ui/Notice";
import { StatusBadge } from "@/ui/StatusBadge";
import table from "@/ui/table.module.css";
import { Wide } from "@/ui/Wide";
import classes from "./Experiment.module.css";
import { intervalWords, MEASURES, STANDINGS } from "./experiments";

/** What speaks against believing it first, then each version, then the differences. */
export function Result({
  result,
  experiment,
}: {
  result: ExperimentResult;
  experiment: Experiment;
}) {
  const { versions, differences, warnings, left_out_words: leftOut } = result;
  const measures = [...new Set(differences.map(({ measure }) => measure))];
  return (
    <section className={classes.result} aria-label="Result" aria-live="polite">
      {warnings.map((message) => (
        <Notice key={message} tone="warning">
          {message}
        </Notice>
      ))}
      <Wide label="What came of each version">
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">Version</th>
              <th scope="col" className={table.number}>
                Share
              </th>
              <th scope="col" className={table.number}>
                Customers
              </th>
              <th scope="col">Bought, 95% interval</th>
              <th scope="col" className={table.number}>
                Purchases of each
              </th>
              <th scope="col" className={table.number}>
                Value of each
              </th>
            </tr>
          </thead>
          <tbody>
            {versions.map((one, place) => (
              <tr key={one.version}>
                <th scope="row">
                  {one.version}
                  {place === 0 && ", the control"}
                </th>
                <td className={table.number}>
                  {percentage(experiment.versions[place]?.share_percent ?? 0)}
                </td>
                <td className={table.number}>{count(one.customers)}</td>
                <td className="num">
                  {percent(one.rate)}
                  {one.interval &&
                    ` (${percent(one.interval.low)} – ${percent(one.interval.high)})`}
                </td>
                <td className={table.number}>{number(one.purchases_mean)}</td>
                <td className={table.number}>{number(one.value_mean)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
      <p className={classes.sentence}>
        Check of the shares (chi-square test): p = {number(result.sample_ratio_p)}. Below 0.001, the
        numbers of customers do not fit the shares.
      </p>
      {measures.map((measure) => (
        <Measure key={measure} of={differences.filter((one) => one.measure === measure)} />
      ))}
      {leftOut.length > 0 && (
        <ul className={classes.quiet} aria-label="What does not count">
          {leftOut.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Measure({ of }: { of: Difference[] }) {
  const [first] = of;
  if (!first) return null;
  return (
    <div>
      <h3 className={classes.measure}>{MEASURES[first.measure].label}</h3>
      <DifferenceBars
        bars={of.map((one) => ({
          key: String(one.version),
          label: `Version ${one.version}`,
          value: one.value - one.control,
          interval: one.interval,
          said: (
            <>
              <StatusBadge tone={STANDINGS[one.standing].tone}>
                {STANDINGS[one.standing].label}
              </StatusBadge>{" "}
              {intervalWords(one)}
            </>
          ),
        }))}
      />
      {of.map(({ version, sentence }) => (
        <p key={version} className={classes.sentence}>
          {sentence}
        </p>
      ))}
    </div>
  );
}
