import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { comparisonQuery } from "@/api/comparing";
import type { SweepTest } from "@/api/schema";
import { IntervalBars } from "@/charts/IntervalBars";
import { mainMetric, metricOf, said, saidRange } from "@/results/metrics";
import { Notice } from "@/ui/Notice";

/** The result with all columns, and without each of them. */
export function Ablation({ tests }: { tests: SweepTest[] }) {
  const done = tests.filter(({ state }) => state === "completed");
  const ids = done.map(({ quick_test_id }) => quick_test_id);
  const compared = useQuery(comparisonQuery({ quick_test_ids: ids, metric: null }));
  const metric = done.map(({ metrics }) => mainMetric(metrics)).find((name) => name !== null);
  if (!metric) return <Notice>None of the tests has a result to compare by yet.</Notice>;
  const rows = compared.data?.groups.flatMap((group) => group.rows) ?? [];
  const { words, term, lowerIsBetter } = metricOf(metric);
  return (
    <>
      <IntervalBars
        groups={[
          {
            title: words,
            note: term,
            bars: done.map((test) => {
              const value = test.metrics[metric] ?? 0;
              const interval = rows.find((row) => row.quick_test_id === test.quick_test_id)
                ?.intervals[metric];
              const all = test.overrides.leave_out.length === 0;
              return {
                label: all ? `With all: ${test.label}` : test.label,
                main: all,
                value,
                interval,
                text: interval
                  ? `${said(metric, value)} (${saidRange(metric, interval)})`
                  : said(metric, value),
              };
            }),
          },
        ]}
      />
      <p>
        The {lowerIsBetter ? "higher" : "lower"} it is without a column, the more that column is
        worth. Where a difference is no more than chance,{" "}
        <Anchor component={Link} to={`/compare?tests=${ids.join(",")}`}>
          the comparison
        </Anchor>{" "}
        says so.
      </p>
    </>
  );
}
