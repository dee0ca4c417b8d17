import { Anchor } from "@mantine/core";
import { Link } from "react-router";
import { isOver, quickTests } from "@/api/quickTests";
import type { SweepTest } from "@/api/schema";
import { Bar } from "@/quick-tests/Bar";
import { testState } from "@/quick-tests/stages";
import { mainMetric, metricOf, said } from "@/results/metrics";
import { STANDING_TONE } from "@/results/verdict";
import { StatusBadge } from "@/ui/StatusBadge";
import table from "@/ui/table.module.css";
import { Wide } from "@/ui/Wide";

/** The grid's tests, as they go. */
export function SweepTests({ tests }: { tests: SweepTest[] }) {
  const metric = tests.map(({ metrics }) => mainMetric(metrics)).find((name) => name !== null);
  const going = tests.some(({ state }) => !isOver(state));
  return (
    <Wide label="Tests of the sweep">
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Test</th>
            <th scope="col">State</th>
            {going && (
              <th scope="col" style={{ width: "12rem" }}>
                Progress
              </th>
            )}
            <th scope="col" className={table.number}>
              {metric ? metricOf(metric).term : "Result"}
            </th>
          </tr>
        </thead>
        <tbody>
          {tests.map((test) => {
            const { tone, label } = testState(test.state);
            return (
              <tr key={test.quick_test_id}>
                <th scope="row">
                  {test.created ? (
                    <Anchor component={Link} to={quickTests.path(test.quick_test_id)} inherit>
                      {test.label}
                    </Anchor>
                  ) : (
                    test.label
                  )}
                </th>
                <td>
                  {test.judged ? (
                    <StatusBadge tone={STANDING_TONE[test.judged.standing]}>
                      {test.judged.label}
                    </StatusBadge>
                  ) : (
                    <StatusBadge tone={tone}>{label}</StatusBadge>
                  )}
                </td>
                {going && (
                  <td>
                    {!isOver(test.state) && (
                      <Bar value={test.progress} label={`Progress of ${test.label}`} />
                    )}
                  </td>
                )}
                <td className={table.number}>
                  {metric ? said(metric, test.metrics[metric]) : "–"}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Wide>
  );
}
