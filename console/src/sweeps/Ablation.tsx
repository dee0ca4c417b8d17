import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { comparisonQuery } from "@/api/comparing";
import { quickTests } from "@/api/quickTests";
import type { SweepTest } from "@/api/schema";
import { DifferenceBars } from "@/charts/DifferenceBars";
import { mainMetric, metricOf, said, saidDifference } from "@/results/metrics";
import type { Verdict } from "@/results/verdict";
import { Loaded } from "@/ui/Loaded";
import { Notice } from "@/ui/Notice";
import { Rows } from "@/ui/Rows";
import { StatusBadge, type Tone } from "@/ui/StatusBadge";
import classes from "./Ablation.module.css";
import { ablationsOf, type OneAblation, worths } from "./worth";

/** Of the test without a column, said of the column. */
const COLUMN: Record<Verdict, { tone: Tone; label: string }> = {
  worse: { tone: "good", label: "Helps" },
  better: { tone: "bad", label: "Hurts" },
  no_clear_difference: { tone: "quiet", label: "No clear difference" },
};

/** What leaving each column out does to the result with all of them. */
export function Ablation({ tests }: { tests: SweepTest[] }) {
  const each = ablationsOf(tests);
  return (
    <div className={classes.each}>
      {each.map((one) => (
        <One key={one.key} one={one} titled={each.length > 1} />
      ))}
    </div>
  );
}

function One({ one, titled }: { one: OneAblation; titled: boolean }) {
  const { base, without } = one;
  const ids = [base, ...without].flatMap((test) => (test ? [test.quick_test_id] : []));
  const query = useQuery({
    ...comparisonQuery({ quick_test_ids: ids, metric: null, base: base?.quick_test_id ?? null }),
    enabled: base !== undefined && without.length > 0,
  });
  const metric = mainMetric(base?.metrics ?? {});
  if (!base) return <Notice>The test with all columns has no result to compare with.</Notice>;
  if (!metric || without.length === 0) {
    return <Notice>There are no tests to compare “{base.label}” with yet.</Notice>;
  }
  const { term, lowerIsBetter } = metricOf(metric);
  return (
    <div>
      {titled && <h3 className={classes.title}>{base.label}</h3>}
      <p className={classes.lead}>
        With all columns:{" "}
        <Anchor component={Link} to={quickTests.path(base.quick_test_id)} inherit>
          {term} {said(metric, base.metrics[metric])}
        </Anchor>
        . The further a test lies to the {lowerIsBetter ? "right" : "left"} of the line, the more
        the column that it leaves out is worth.
      </p>
      <Loaded query={query} skeleton={<Rows count={Math.min(without.length, 6)} height={28} />}>
        {({ groups }) => (
          <DifferenceBars
            bars={worths(one, groups, metric).map(
              ({ test, difference, interval, verdict, reason }) => ({
                key: test.quick_test_id,
                label: (
                  <Anchor component={Link} to={quickTests.path(test.quick_test_id)} inherit>
                    {test.label}
                  </Anchor>
                ),
                value: difference,
                interval,
                said: (
                  <>
                    {interval ? (
                      <StatusBadge tone={COLUMN[verdict].tone}>{COLUMN[verdict].label}</StatusBadge>
                    ) : (
                      <StatusBadge tone="quiet">Unknown</StatusBadge>
                    )}
                    <span className={classes.quiet}>
                      {interval ? saidDifference(metric, interval) : reason}
                    </span>
                  </>
                ),
              }),
            )}
          />
        )}
      </Loaded>
      <p className={classes.lead}>
        Differences are paired by customer; bars are their 95% intervals.{" "}
        <Anchor component={Link} to={`/compare?tests=${ids.join(",")}`} inherit>
          Compare all tests
        </Anchor>
      </p>
    </div>
  );
}
