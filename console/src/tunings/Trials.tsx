import { Anchor } from "@mantine/core";
import { Link } from "react-router";
import { quickTests } from "@/api/quickTests";
import type { Tuning } from "@/api/schema";
import { Bar } from "@/quick-tests/Bar";
import { metricOf, said } from "@/results/metrics";
import { StatusBadge } from "@/ui/StatusBadge";
import table from "@/ui/table.module.css";
import { Wide } from "@/ui/Wide";
import { bestFirst, trialState } from "./words";

/** The trials, as they go. */
export function Trials({ status }: { status: Tuning["status"] }) {
  const { metric } = status;
  const trials = bestFirst(status.trials, metric !== null && metricOf(metric ?? "").lowerIsBetter);
  return (
    <Wide label="Trials of the tuning">
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col" className={table.number}>
              Trial
            </th>
            <th scope="col">Settings</th>
            <th scope="col">State</th>
            <th scope="col" className={table.number}>
              {metric ? metricOf(metric).term : "Result"}
            </th>
          </tr>
        </thead>
        <tbody>
          {trials.map((trial) => {
            const { tone, label } = trialState(trial);
            return (
              <tr key={trial.number}>
                <td className={table.number}>{trial.number}</td>
                <th scope="row">
                  <Anchor component={Link} to={quickTests.path(trial.quick_test_id)} inherit>
                    {trial.label}
                  </Anchor>
                </th>
                <td>
                  {trial.state === "running" ? (
                    <Bar value={trial.progress} label={`Progress of trial ${trial.number}`} />
                  ) : (
                    <StatusBadge tone={trial.number === status.best ? "good" : tone}>
                      {trial.number === status.best ? "Best" : label}
                    </StatusBadge>
                  )}
                </td>
                <td className={table.number}>{metric ? said(metric, trial.value) : "–"}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Wide>
  );
}
