import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { followChanges, isFollowing } from "./changes";
import type { readStream } from "./eventStream";

type Options = Parameters<typeof readStream>[1];

let visible = "visible";
beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(document, "visibilityState", "get").mockImplementation(
    () => visible as DocumentVisibilityState,
  );
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function followed() {
  const queries = new QueryClient();
  const asked: string[] = [];
  for (const key of [
    ["quick-tests", "list"],
    ["quick-tests", "one", "qt-1"],
    ["quick-tests", "explanations", "qt-1"],
    ["datasets", "list"],
  ]) {
    queries.setQueryData(key, []);
  }
  queries.getQueryCache().subscribe((event) => {
    if (event.type === "updated" && event.action.type === "invalidate") {
      asked.push(event.query.queryKey.join("/"));
    }
  });
  const streams: Options[] = [];
  const ends: (() => void)[] = [];
  followChanges(queries, (_, options) => {
    streams.push(options);
    return new Promise((resolve) => ends.push(resolve));
  });
  const tell = (...collections: string[]) =>
    streams.at(-1)?.onEvent({ id: "1", data: JSON.stringify({ latest: 1, collections }) });
  return { asked, streams, ends, tell };
}

test("what has changed is asked for anew, once for many writes", async () => {
  const { asked, tell } = followed();
  expect(isFollowing()).toBe(false);
  tell();
  expect(isFollowing()).toBe(true);
  for (let write = 0; write < 50; write++) tell("quick_tests");
  expect(asked).toEqual([]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked).toEqual(["quick-tests/list", "quick-tests/one/qt-1"]);
  tell("datasets");
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked).toHaveLength(3);
});

test("a page that nobody looks at holds no connection", async () => {
  const { streams, ends, tell } = followed();
  tell();
  visible = "hidden";
  document.dispatchEvent(new Event("visibilitychange"));
  expect(streams[0]?.signal.aborted).toBe(true);
  expect(isFollowing()).toBe(false);
  visible = "visible";
  document.dispatchEvent(new Event("visibilitychange"));
  expect(streams).toHaveLength(2);
  tell();
  ends[0]?.(); // that of the first has no say any more
  await vi.advanceTimersByTimeAsync(0);
  expect(isFollowing()).toBe(true);
});

test("where the server tells of no changes, lists are asked for now and then", async () => {
  const { ends, tell } = followed();
  tell();
  ends.at(-1)?.();
  await vi.advanceTimersByTimeAsync(0);
  expect(isFollowing()).toBe(false);
});
