import { expect, test } from "vitest";
import type { QuickTest } from "@/api/schema";
import { epochWords } from "./words";

function trained(
  state: string,
  epochs: number,
  early_stopping_patience: number | null = null,
  more: Partial<QuickTest["status"]> = {},
) {
  const done = Array.from({ length: epochs }, (_, n) => ({ epoch: n + 1, newest_rows: false }));
  return {
    spec: { epochs: 20, early_stopping_patience },
    status: { state, epochs: done, ...more },
  } as unknown as QuickTest;
}

test("epochs are those that were trained, where training stopped early", () => {
  expect(epochWords(trained("completed", 3, 2))).toBe("3 of at most 20 epochs");
  expect(epochWords(trained("completed", 20, 2))).toBe("20 epochs");
  expect(epochWords(trained("running", 3))).toBe("20 epochs");
  expect(epochWords(trained("running", 3, 2))).toBe("at most 20 epochs");
});

test("a model may stop early where the test does not say", () => {
  const pinned = { early_stopping_patience: 2 } as QuickTest["status"]["pinned"];
  expect(epochWords(trained("running", 3, null, { pinned }))).toBe("at most 20 epochs");
  expect(
    epochWords(
      trained("running", 3, 0, { pinned: { ...pinned, early_stopping_patience: null } as never }),
    ),
  ).toBe("20 epochs");
});

test("a pass over the newest purchases is no epoch of those asked for", () => {
  const epochs = [1, 2, 3].map((epoch) => ({ epoch, newest_rows: epoch === 3 })) as never;
  expect(epochWords(trained("completed", 0, 2, { epochs }))).toBe(
    "2 of at most 20 epochs, and one over the newest purchases",
  );
});
