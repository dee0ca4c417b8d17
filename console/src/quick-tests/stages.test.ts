import { describe, expect, test } from "vitest";
import type { QuickTest } from "@/api/schema";
import { about } from "@/results/words";
import { doing, elapsedSeconds, remainingSeconds, remainingWords } from "./stages";

const START = Date.parse("2026-01-01T10:00:00Z");

function running(status: Partial<QuickTest["status"]> = {}, epochs = 3): QuickTest {
  return {
    spec: { epochs },
    status: {
      state: "running",
      stage: "examples",
      stages: [],
      epochs: [],
      started_at: "2026-01-01T10:00:00Z",
      ended_at: null,
      estimate: { seconds: { low: 60, likely: 120, high: 240 }, cost_usd: null, basis: "" },
      ...status,
    },
  } as unknown as QuickTest;
}

describe("what remains of a test", () => {
  test("is what the estimate leaves", () => {
    expect(remainingSeconds(running(), START + 30_000)).toBe(90);
    expect(remainingWords(running(), START + 30_000)).toBe("about 2 min");
  });

  test("is not known before it has started", () => {
    expect(remainingWords(running({ started_at: null }), START)).toBe("not known yet");
    expect(remainingSeconds(running({ estimate: null }), START)).toBeNull();
  });

  test("is at least what the missing epochs take", () => {
    const epoch = { epoch: 1, loss: 1, validation_loss: null, seconds: 100, newest_rows: false };
    const epochs = [epoch];
    expect(remainingSeconds(running({ stage: "train", epochs }), START + 119_000)).toBe(200);
    expect(remainingSeconds(running({ stage: "train", epochs, estimate: null }), START)).toBe(200);
    const last = [epoch, { ...epoch, epoch: 2, newest_rows: true }];
    expect(remainingSeconds(running({ stage: "train", epochs: last }), START + 119_000)).toBe(1);
  });

  test("is at least what the running stage has left, by the share that it has done", () => {
    const task = { name: "transform", state: "running", started_at: "2026-01-01T10:00:00Z" };
    const at = (done: number, seconds: number) =>
      remainingSeconds(
        running({ stage: "transform", stages: [{ ...task, done }], estimate: null } as never),
        START + seconds * 1000,
      );
    expect(at(0.25, 100)).toBe(300);
    expect(at(0.5, 100)).toBe(100);
    expect(at(0.25, 1)).toBeNull();
    expect(at(0, 100)).toBeNull();
  });

  test("shrinks within an epoch", () => {
    const epochs = [{ epoch: 1, loss: 1, seconds: 100 }];
    const task = { name: "train", state: "running", started_at: "2026-01-01T10:00:00Z", done: 0.5 };
    const status = { stage: "train", epochs, stages: [task], estimate: null };
    expect(remainingSeconds(running(status as never, 4), START + 250_000)).toBe(200);
  });

  test("is said honestly where the estimate was wrong", () => {
    expect(remainingWords(running(), START + 200_000)).toBe("any moment now");
    expect(remainingWords(running(), START + 241_000)).toBe("taking longer than expected");
  });
});

test("time stands still when a test has ended", () => {
  const over = running({ ended_at: "2026-01-01T10:01:00Z" });
  expect(elapsedSeconds(over, START + 999_000)).toBe(60);
});

test("what it does is told from the stage that runs", () => {
  expect(doing(running({ state: "pending" }))).toMatch(/^Checking/);
  expect(
    doing(
      running({
        stage: "train",
        stages: [{ name: "evaluate", state: "running", started_at: null, ended_at: null }],
      } as never),
    ),
  ).toMatch(/^Evaluating/);
});

test("guesses are no more exact than they are", () => {
  expect([3, 12, 54, 61, 200, 3_400, 5_400].map(about)).toEqual([
    "a few seconds",
    "about 15 s",
    "about 55 s",
    "about 1 min",
    "about 3 min",
    "about 1 h",
    "about 1½ h",
  ]);
});
