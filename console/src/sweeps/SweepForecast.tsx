import { detailsOf } from "@/api/errors";
import type { ValidatedSweep } from "@/api/schema";
import { EstimateFigures } from "@/quick-tests/Forecast";
import { Notice } from "@/ui/Notice";
import classes from "./NewSweepPage.module.css";

interface Props {
  forecast: ValidatedSweep | undefined;
  /** The bound on the number of tests. */
  most: number;
  fault: Error | null;
}

/** What a sweep would be made of, and take. */
export function SweepForecast({ forecast, most, fault }: Props) {
  const tests = forecast?.tests ?? [];
  return (
    <>
      <div aria-live="polite">
        <div className={classes.size}>
          <span className={classes.count}>{forecast?.valid ? tests.length : "–"}</span>{" "}
          {tests.length === 1 ? "test" : "tests"}{" "}
          <span className={classes.quiet}>of at most {most}</span>
        </div>
        {tests.length > 0 && (
          <details className={classes.quiet}>
            <summary>Which?</summary>
            <ol className={classes.tests}>
              {tests.map((test) => (
                <li key={test.quick_test_id}>{test.label}</li>
              ))}
            </ol>
          </details>
        )}
      </div>
      <EstimateFigures estimate={forecast?.estimate} />
      {forecast?.problems.map(({ path, code, message, level }) => (
        <Notice key={`${path} ${code} ${message}`} tone={level === "error" ? "bad" : "warning"}>
          {message}
        </Notice>
      ))}
      {fault && <Notice tone="bad">{detailsOf(fault)}</Notice>}
    </>
  );
}
