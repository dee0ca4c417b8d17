import type { QueryClient } from "@tanstack/react-query";
import { isLost, onConnection } from "./connection";
import { readStream } from "./eventStream";
import type { Changed } from "./schema";

/** Lists are asked for no more often than this, however much is written. */
const LEAST_MS = 1_000;

let following = false;

/** Whether whatever is written is heard of, so that lists need not be asked for now and then. */
export function isFollowing(): boolean {
  return following;
}

/**
 * Has lists and documents asked for anew whenever something in their collection has been written,
 * while the page is looked at: a browser has few connections to a server for all of its tabs.
 * Where the server tells of no changes (on Google Cloud), everything is asked for now and then.
 */
export function followChanges(queries: QueryClient, read: typeof readStream = readStream): void {
  let controller: AbortController | undefined;
  let changed = new Set<string>();
  let due = false;

  const ask = () => {
    due = false;
    const keys = changed;
    changed = new Set();
    void queries.invalidateQueries({
      predicate: ({ queryKey: [key, what] }) =>
        keys.has(String(key)) && (what === "list" || what === "one"),
    });
  };
  const onEvent = ({ data }: { data: string }) => {
    following = true;
    const { collections } = JSON.parse(data) as Changed;
    for (const name of collections) changed.add(name.replaceAll("_", "-"));
    if (changed.size === 0 || due) return;
    due = true;
    setTimeout(ask, LEAST_MS);
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
