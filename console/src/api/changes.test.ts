import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { followChanges, isFollowing } from "./changes";
import { ApiError } from "./errors";
import type { readStream } from "./eventStream";
import { bestFeaturesQuery } from "./featureConfigs";
import type { Dated } from "./longLists";
import { testsOfQuery } from "./quickTests";

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
  const read: string[] = [];
  const readOne = (key: string, id: string) => {
    read.push(`${key}/${id}`);
    return id === "gone"
      ? Promise.reject(new ApiError(404, { code: "not_found", message: "Gone.", fields: [] }))
      : Promise.resolve({ id, updated_at: "now" } as Dated);
  };
  followChanges(queries, readOne, (_, options) => {
    streams.push(options);
    return new Promise((resolve) => ends.push(resolve));
  });
  /** Of paths those with a slash are documents, others collections. */
  const tell = (...paths: string[]) => {
    const [documents, collections] = [true, false].map((is) =>
      paths.filter((path) => path.includes("/") === is),
    );
    const data = JSON.stringify({ latest: 1, documents, collections });
    streams.at(-1)?.onEvent({ id: "1", data });
  };
  return { asked, queries, read, streams, ends, tell };
}

test("what has changed is asked for anew, once for many writes", async () => {
  const { asked, tell } = followed();
  expect(isFollowing()).toBe(false);
  tell();
  expect(isFollowing()).toBe(true);
  for (let write = 0; write < 50; write++) tell("quick_tests/qt-1", "quick_tests/qt-2");
  expect(asked).toEqual([]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked).toEqual(["quick-tests/list", "quick-tests/one/qt-1"]);
  tell("datasets");
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked).toHaveLength(3);
});

test("what goes by all documents of a collection is asked for anew with any of them", async () => {
  const { asked, queries, tell } = followed();
  void queries.prefetchQuery({ ...bestFeaturesQuery, queryFn: () => ({ items: [] }) });
  const ofModel = testsOfQuery({ model_config_id: "m" });
  const none = { items: [], unreadable: {}, next_page_token: null };
  void queries.prefetchQuery({ ...ofModel, queryFn: () => none });
  const many = Array.from({ length: 300 }, (_, number) => ({ id: `qt-${number}` }));
  queries.setQueryData(["quick-tests", "list"], many);
  await vi.advanceTimersByTimeAsync(0);
  tell("quick_tests/qt-7", "feature_configs/fc-1");
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked).toEqual(["quick-tests/of/[object Object]", "feature-configs/best"]);
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

test("a list that is being read is not begun anew", async () => {
  const { asked, queries, tell } = followed();
  let answer: (list: unknown[]) => void = () => {};
  void queries.fetchQuery({
    queryKey: ["quick-tests", "list"],
    queryFn: () => new Promise<unknown[]>((resolve) => (answer = resolve)),
  });
  tell("quick_tests/qt-7");
  await vi.advanceTimersByTimeAsync(5_000);
  expect(asked).toEqual([]);
  answer([]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked).toContain("quick-tests/list");
});

test("of a long list, what has changed is asked for alone", async () => {
  const { asked, queries, read, tell } = followed();
  const ids = ["gone", ...Array.from({ length: 300 }, (_, number) => `qt-${number}`)];
  const key = ["quick-tests", "list"];
  queries.setQueryData(
    key,
    ids.map((id) => ({ id, updated_at: "then" })),
  );
  tell("quick_tests/qt-7", "quick_tests/gone", "quick_tests/new");
  await vi.advanceTimersByTimeAsync(1_000);
  expect(read).toEqual(["quick-tests/qt-7", "quick-tests/gone", "quick-tests/new"]);
  expect(asked).toEqual([]);
  const list = queries.getQueryData<Dated[]>(key) ?? [];
  expect(list.slice(0, 3).map(({ id }) => id)).toEqual(["new", "qt-7", "qt-0"]);
  expect(list).toHaveLength(301);
  tell("quick_tests");
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked).toEqual(["quick-tests/list", "quick-tests/one/qt-1"]);
});
