import { Checkbox } from "@mantine/core";
import { Link } from "react-router";
import { quickTests } from "@/api/quickTests";
import type { QuickTestSummary } from "@/api/schema";
import { Tags } from "@/marks/Tags";
import { Headline } from "@/results/Headline";
import { STANDING_TONE } from "@/results/verdict";
import { epochWords, sampleWords } from "@/results/words";
import { ago, duration } from "@/ui/format";
import { StatusBadge } from "@/ui/StatusBadge";
import { Bar } from "./Bar";
import { RowMenu } from "./runs/RowMenu";
import { doing, testState } from "./stages";
import classes from "./TestRow.module.css";

interface Props {
  test: QuickTestSummary;
  chosen: boolean;
  onChoose: (on: boolean) => void;
}

/** A test in the list: what it is, how far it is or how it went. */
export function TestRow({ test, chosen, onChoose }: Props) {
  const { spec, status } = test;
  const { tone, label } = testState(status.state);
  const { verdict } = status;
  return (
    <li className={classes.row}>
      <Checkbox
        className={classes.choose}
        checked={chosen}
        onChange={(event) => onChoose(event.currentTarget.checked)}
        aria-label={`Select ${test.name}`}
      />
      <div className={classes.main}>
        <Link to={quickTests.path(test.id)} className={classes.name} title={test.name}>
          {test.name}
        </Link>
        <Tags marks={test.marks} />
        <div
          className={classes.quiet}
          title={`${epochWords(test)}${spec.leave_out.length > 0 ? `, without ${spec.leave_out.map(({ column }) => column).join(", ")}` : ""}`}
        >
          {spec.purpose === "full_training" ? "Full training · " : ""}
          {sampleWords(spec)} · {epochWords(test)}
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
          <div className={classes.error} title={status.error?.message}>
            {status.error?.message}
          </div>
        )}
      </div>
      <div className={classes.verdict}>
        {status.state === "completed" && verdict ? (
          <StatusBadge tone={STANDING_TONE[verdict.standing]}>{verdict.label}</StatusBadge>
        ) : (
          <StatusBadge tone={tone}>{label}</StatusBadge>
        )}
        {status.comparison?.verdict === "better" && <div className={classes.best}>Best so far</div>}
      </div>
      <div className={classes.when}>
        <div className="num">{duration(status.duration_seconds)}</div>
        <div className={classes.quiet}>{ago(status.ended_at ?? test.created_at)}</div>
      </div>
      <div className={classes.menu}>
        <RowMenu test={test} />
      </div>
    </li>
  );
}
