import { IconCircleCheck, IconCircleDashed, IconCircleX, IconLoader2 } from "@tabler/icons-react";
import type { QuickTest, State } from "@/api/schema";
import { LossCurve } from "@/charts/LossCurve";
import { estimateWords } from "@/results/words";
import { duration, percentage } from "@/ui/format";
import { Section } from "@/ui/Section";
import { useNow } from "@/ui/useNow";
import { Bar } from "./Bar";
import classes from "./Progress.module.css";
import { doing, elapsedSeconds, remainingWords, STAGES, stageSeconds } from "./stages";

const ICONS: Record<State, typeof IconCircleCheck> = {
  pending: IconCircleDashed,
  running: IconLoader2,
  succeeded: IconCircleCheck,
  failed: IconCircleX,
  cancelled: IconCircleX,
};
const WORDS: Record<State, string> = {
  pending: "pending",
  running: "running",
  succeeded: "done",
  failed: "failed",
  cancelled: "cancelled",
};
const ALL = ["examples", "transform", "train", "evaluate"] as const;

/** A test as it runs. */
export function Progress({ test }: { test: QuickTest }) {
  const now = useNow(true);
  const { status } = test;
  const elapsed = elapsedSeconds(test, now);
  const estimate = status.estimate ? estimateWords(status.estimate) : null;
  return (
    <>
      <div className={classes.head}>
        <div className={classes.line}>
          <span className={classes.doing} aria-live="polite">
            {doing(test)} …
          </span>
          <span className={classes.percent}>{percentage(status.progress)}</span>
        </div>
        <Bar value={status.progress} label="Progress" />
        <dl className={classes.times}>
          <div>
            <dt>Elapsed</dt>
            <dd>{elapsed === null ? "not started" : duration(Math.floor(elapsed) || 0)}</dd>
          </div>
          <div>
            <dt>Remaining</dt>
            <dd>{remainingWords(test, now)}</dd>
          </div>
          {estimate && (
            <div>
              <dt>Expected total</dt>
              <dd>
                {estimate.likely} <span className={classes.quiet}>{estimate.range}</span>
              </dd>
            </div>
          )}
        </dl>
      </div>
      <div className={classes.columns}>
        <Section title="Stages">
          <Stages test={test} now={now} />
        </Section>
        <Section
          title="Loss"
          lead="It should fall. Once the validation line rises, the model overfits."
        >
          <LossCurve epochs={status.epochs} planned={test.spec.epochs} />
        </Section>
      </div>
    </>
  );
}

/** Each stage with its state and time; also of a test that has ended. */
export function Stages({ test, now }: { test: QuickTest; now: number }) {
  const longest = Math.max(...test.status.stages.map((task) => stageSeconds(task, now) ?? 0), 1e-9);
  return (
    <ol className={classes.stages}>
      {ALL.map((name) => {
        const task = test.status.stages.find((other) => other.name === name);
        const state = task?.state ?? "pending";
        const Icon = ICONS[state];
        const seconds = task ? stageSeconds(task, now) : null;
        return (
          <li key={name} data-state={state}>
            <Icon size={18} stroke={1.8} role="img" aria-label={WORDS[state]} />
            <div className={classes.stage}>
              <span>
                {STAGES[name].words} <span className={classes.quiet}>{STAGES[name].term}</span>
                {task?.doing && <span className={classes.quiet}> · {task.doing}</span>}
              </span>
              <span className={classes.took}>{duration(seconds)}</span>
              <span
                className={classes.share}
                aria-hidden="true"
                style={{ width: `${(100 * (seconds ?? 0)) / longest}%` }}
              />
            </div>
          </li>
        );
      })}
    </ol>
  );
}
