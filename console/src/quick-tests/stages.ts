import type { QuickTest, QuickTestSummary, Stage, Task, TestState } from "@/api/schema";
import { about, askedEpochs } from "@/results/words";
import type { Tone } from "@/ui/StatusBadge";

export const STAGES: Record<Stage, { words: string; term: string }> = {
  examples: { words: "Sampling and splitting purchases", term: "ExampleGen" },
  transform: { words: "Transforming features", term: "Transform" },
  train: { words: "Training the towers", term: "Trainer" },
  evaluate: { words: "Evaluating on held-out purchases", term: "Evaluator" },
};

const STATES: Record<TestState, { tone: Tone; label: string }> = {
  pending: { tone: "waiting", label: "Waiting" },
  running: { tone: "running", label: "Running" },
  completed: { tone: "good", label: "Completed" },
  failed: { tone: "bad", label: "Failed" },
  cancelled: { tone: "quiet", label: "Cancelled" },
};

export function testState(state: TestState): { tone: Tone; label: string } {
  return STATES[state];
}

/** How long a stage took, or has taken so far. */
export function stageSeconds(task: Task, now: number): number | null {
  if (!task.started_at) return null;
  const end = task.ended_at ? Date.parse(task.ended_at) : now;
  return Math.max(0, (end - Date.parse(task.started_at)) / 1000);
}

export function elapsedSeconds(test: QuickTest, now: number): number | null {
  const from = test.status.started_at;
  if (!from) return null;
  const end = test.status.ended_at ? Date.parse(test.status.ended_at) : now;
  return Math.max(0, (end - Date.parse(from)) / 1000);
}

/** A stage that has run for less tells nothing of how long it will take. */
const TELLING_SECONDS = 4;
const TELLING_SHARE = 0.05;

/**
 * Seconds that a running test has still to go: what the estimate leaves, but no less than what is
 * left of the running stage takes, by the epochs so far or by the share that it has done. Null where
 * nothing is known; 0 where it should be over.
 */
export function remainingSeconds(test: QuickTest, now: number): number | null {
  const elapsed = elapsedSeconds(test, now);
  const { estimate, epochs, stage } = test.status;
  if (elapsed === null) return null;
  const left = estimate ? Math.max(0, estimate.seconds.likely - elapsed) : null;
  const trained = askedEpochs(epochs);
  const task = runningStage(test.status);
  if (stage !== "train" || trained.length < epochs.length || trained.length === 0) {
    const took = task ? stageSeconds(task, now) : null;
    if (!task || took === null || took < TELLING_SECONDS || task.done < TELLING_SHARE) return left;
    return Math.max(left ?? 0, (took * (1 - task.done)) / task.done);
  }
  const each = trained.reduce((sum, epoch) => sum + epoch.seconds, 0) / trained.length;
  const begun = Math.max(trained.length, (task?.done ?? 0) * test.spec.epochs);
  return Math.max(left ?? 0, Math.max(0, test.spec.epochs - begun) * each);
}

function runningStage({ stages }: QuickTest["status"]): Task | undefined {
  return stages.find((task) => task.state === "running");
}

/** `about 2 min left` */
export function remainingWords(test: QuickTest, now: number): string {
  const left = remainingSeconds(test, now);
  const elapsed = elapsedSeconds(test, now);
  if (left === null || elapsed === null) return "not known yet";
  if (left > 0) return about(left);
  const latest = test.status.estimate?.seconds.high ?? 0;
  return elapsed <= latest ? "any moment now" : "taking longer than expected";
}

/** What a test does right now, in a few words. */
export function doing({ status }: QuickTestSummary | QuickTest): string {
  if (status.state === "pending") return "Checking and generating code";
  const now = ("stages" in status && runningStage(status)?.name) || status.stage;
  return now ? STAGES[now].words : "Starting";
}
