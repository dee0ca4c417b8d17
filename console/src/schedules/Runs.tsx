import { Anchor } from "@mantine/core";
import { Link } from "react-router";
import { quickTests } from "@/api/quickTests";
import type { ScheduledRun } from "@/api/schema";
import { standing } from "@/in-use/words";
import { metricOf, said, saidDifference } from "@/results/metrics";
import { moment, plural } from "@/ui/format";
import { StatusBadge } from "@/ui/StatusBadge";
import table from "@/ui/table.module.css";
import { Wide } from "@/ui/Wide";
import classes from "./SchedulePage.module.css";
import { outcomeOf } from "./words";

/** What each occurrence led to, the latest first. */
export function Runs({ runs }: { runs: ScheduledRun[] }) {
  return (
    <Wide label="Runs of the schedule">
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Due</th>
            <th scope="col">Outcome</th>
            <th scope="col">Training</th>
            <th scope="col">Against the one in production</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <Run key={`${run.due_at} ${run.started_at}`} run={run} />
          ))}
        </tbody>
      </table>
    </Wide>
  );
}

function Run({ run }: { run: ScheduledRun }) {
  const { tone, label } = outcomeOf(run);
  return (
    <tr>
      <th scope="row">
        {moment(run.due_at)}
        {run.by_hand && <div className={table.quiet}>by hand</div>}
        {run.missed > 0 && (
          <div className={table.quiet}>{plural(run.missed, "further time")} had passed</div>
        )}
      </th>
      <td className={classes.outcome}>
        <StatusBadge tone={tone}>{label}</StatusBadge>
        {run.sentence && <p className={classes.sentence}>{run.sentence}</p>}
        {run.error && <p className={classes.error}>{run.error}</p>}
      </td>
      <td>
        {run.quick_test_id ? (
          <Anchor component={Link} to={quickTests.path(run.quick_test_id)} inherit>
            {run.version ? `Version ${run.version}` : "The training"}
          </Anchor>
        ) : (
          "–"
        )}
      </td>
      <td>
        <Judged run={run} />
      </td>
    </tr>
  );
}

/** The paired difference between the new version and the one that was in production. */
function Judged({ run: { verdict, champion_version: champion } }: { run: ScheduledRun }) {
  if (!verdict) return "–";
  const { tone, label } = standing(verdict);
  const { metric, value, previous, difference } = verdict;
  return (
    <>
      <StatusBadge tone={tone}>{label}</StatusBadge>
      {metric && difference && (
        <div className="num">
          {metricOf(metric).term} {said(metric, value)}
          {previous != null && ` against ${said(metric, previous)}`}
          {champion != null && ` of version ${champion}`}: {saidDifference(metric, difference)}
        </div>
      )}
    </>
  );
}
