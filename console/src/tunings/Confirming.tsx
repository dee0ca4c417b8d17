import { Anchor } from "@mantine/core";
import { Link } from "react-router";
import { quickTests } from "@/api/quickTests";
import type { Tuning } from "@/api/schema";
import { testState } from "@/quick-tests/stages";
import { metricOf, said } from "@/results/metrics";
import { StatusBadge } from "@/ui/StatusBadge";
import table from "@/ui/table.module.css";
import { Wide } from "@/ui/Wide";

/** The tests of the best trial and of the default that judge. */
export function Confirming({ status }: { status: Tuning["status"] }) {
  const { metric } = status;
  return (
    <Wide label="Tests that compare">
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Test</th>
            <th scope="col">State</th>
            <th scope="col" className={table.number}>
              {metric ? metricOf(metric).term : "Result"}
            </th>
          </tr>
        </thead>
        <tbody>
          {status.confirming.map((test) => {
            const { tone, label } = testState(test.state);
            const name = `${test.of === "best" ? "Best trial" : "Default"}, seed ${test.training_seed}`;
            return (
              <tr key={test.quick_test_id}>
                <th scope="row">
                  {test.created ? (
                    <Anchor component={Link} to={quickTests.path(test.quick_test_id)} inherit>
                      {name}
                    </Anchor>
                  ) : (
                    name
                  )}
                </th>
                <td>
                  <StatusBadge tone={tone}>{label}</StatusBadge>
                </td>
                <td className={table.number}>{metric ? said(metric, test.value) : "–"}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Wide>
  );
}
