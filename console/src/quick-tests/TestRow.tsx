import { Checkbox } from "@mantine/core";
import { Link } from "react-router";
import { quickTests } from "@/api/quickTests";
import type { QuickTest } from "@/api/schema";
import { Headline } from "@/results/Headline";
import { shortVerdict } from "@/results/verdict";
import { ago, duration, plural } from "@/ui/format";
import { StatusBadge } from "@/ui/StatusBadge";
import { Bar } from "./Bar";
import { doing, testState } from "./stages";
import classes from "./TestRow.module.css";

interface Props {
  test: QuickTest;
  chosen: boolean;
  onChoose: (on: boolean) => void;
}

/** A test in the list: what it is, how far it is or how it went. */
export function TestRow({ test, chosen, onChoose }: Props) {
  const { spec, status } = test;
  const { tone, label } = testState(status.state);
  const verdict = status.results ? shortVerdict(status.results) : null;
  return (
    <li className={classes.row}>
      <Checkbox
        className={classes.choose}
        checked={chosen}
        onChange={(event) => onChoose(event.currentTarget.checked)}
        disabled={status.state !== "completed"}
        aria-label={`Choose ${test.name} to compare`}
      />
      <div className={classes.main}>
        <Link to={quickTests.path(test.id)} className={classes.name}>
          {test.name}
        </Link>
        <div className={classes.quiet}>
          {spec.purpose === "full_training" ? "Full training · " : ""}
          {spec.data_sample_percent} % of the {spec.sample_by === "row" ? "purchases" : "customers"}{" "}
          · {plural(spec.epochs, "epoch")}
          {spec.leave_out.length > 0 &&
            ` · without ${spec.leave_out.map(({ column }) => column).join(", ")}`}
        </div>
      </div>
      <div className={classes.result}>
        {status.state === "running" || status.state === "pending" ? (
          <div className={classes.progress}>
            <Bar value={status.progress} label={`Progress of ${test.name}`} />
            <span className={classes.quiet}>{doing(test)}</span>
          </div>
        ) : status.state === "completed" ? (
          <Headline test={test} />
        ) : (
          <div className={classes.error}>{status.error?.message}</div>
        )}
      </div>
      <div className={classes.verdict}>
        {status.state === "completed" && verdict ? (
          <StatusBadge tone={verdict.tone}>{verdict.label}</StatusBadge>
        ) : (
          <StatusBadge tone={tone}>{label}</StatusBadge>
        )}
        {status.comparison?.verdict === "better" && (
          <div className={classes.best}>Better than any before</div>
        )}
      </div>
      <div className={classes.when}>
        <div className="num">{duration(status.duration_seconds)}</div>
        <div className={classes.quiet}>{ago(status.ended_at ?? test.created_at)}</div>
      </div>
    </li>
  );
}
