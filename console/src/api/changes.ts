import type { QueryClient } from "@tanstack/react-query";
import { isLost, onConnection } from "./connection";
import { readStream } from "./eventStream";
import { type Dated, isLong, there, withOne } from "./longLists";
import type { Changed } from "./schema";

/** Lists are asked for no more often than this, however much is written. */
const LEAST_MS = 1_000;

let following = false;

/** Whether whatever is written is heard of, so that lists need not be asked for now and then. */
export function isFollowing(): boolean {
  return following;
}

/**
 * Has what is shown asked for anew when it has been written, while the page is looked at: a browser
 * has few connections to a server for all of its tabs. Of a long list, what has changed is asked for
 * alone. Where the server tells of no changes (on Google Cloud), everything is asked for now and
 * then.
 *
 * @param readOne reads a document of a collection, by the first part of its query keys.
 */
export function followChanges(
  queries: QueryClient,
  readOne: (key: string, id: string) => Promise<Dated>,
  read: typeof readStream = readStream,
): void {
  let controller: AbortController | undefined;
  const changed = new Map<string, Set<string> | "all">();
  let due = false;

  const askLater = () => {
    if (changed.size === 0 || due) return;
    due = true;
    setTimeout(ask, LEAST_MS);
  };
  const ask = () => {
    due = false;
    for (const [key, ids] of [...changed]) {
      // What is being read is read to its end: it would begin anew for ever where much is written.
      if (queries.isFetching({ queryKey: [key, "list"] })) continue;
      changed.delete(key);
      const list = queries.getQueryData<Dated[]>([key, "list"]);
      if (ids !== "all" && list && isLong(list)) for (const id of ids) void askForOne(key, id);
      else void queries.invalidateQueries({ queryKey: [key, "list"] });
      void queries.invalidateQueries({
        predicate: ({ queryKey: [of, what, id], meta }) =>
          of === key &&
          (meta?.followed === true || (what === "one" && (ids === "all" || ids.has(String(id))))),
      });
    }
    askLater();
  };
  const askForOne = async (key: string, id: string) => {
    const listKey = [key, "list"];
    try {
      const document = await there(readOne(key, id));
      queries.setQueryData<Dated[]>(listKey, (list) =>
        document ? list && withOne(list, document) : list?.filter((item) => item.id !== id),
      );
    } catch {
      void queries.invalidateQueries({ queryKey: listKey });
    }
  };
  const onEvent = ({ data }: { data: string }) => {
    following = true;
    const { documents, collections } = JSON.parse(data) as Changed;
    for (const collection of collections) changed.set(keyOf(collection), "all");
    for (const path of documents) {
      const [collection, id] = path.split("/") as [string, string];
      const ids = changed.get(keyOf(collection)) ?? new Set();
      if (ids !== "all") changed.set(keyOf(collection), ids.add(id));
    }
    askLater();
  };
  const look = () => {
    if (document.visibilityState === "hidden") {
      controller?.abort();
      controller = undefined;
      following = false;
    } else if (!controller) {
      controller = new AbortController();
      const { signal } = controller;
      void read("/api/changes/events/", { signal, finished: () => false, onEvent }).finally(() => {
        if (!signal.aborted) following = false;
      });
    }
  };
  document.addEventListener("visibilitychange", look);
  onConnection(() => {
    if (isLost()) following = false;
  });
  look();
}

/** `quick_tests` is `quick-tests`. */
function keyOf(collection: string): string {
  return collection.replaceAll("_", "-");
}
