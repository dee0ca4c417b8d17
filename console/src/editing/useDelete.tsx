import { useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { ifMatch } from "@/api/client";
import type { AnyDocument, Resource } from "@/api/resource";
import { failed, undoable } from "@/ui/toast";

const GRACE_MS = 8_000;

/** Deletions that can still be undone, by the document's path in the API. */
const waiting = new Map<string, { timer: number; revision: number }>();
const listeners = new Set<() => void>();
let hidden: ReadonlySet<string> = new Set();

function tell(): void {
  hidden = new Set(waiting.keys());
  for (const listener of listeners) listener();
}

// A page that is closed within the grace period still deletes what it said it deleted.
window.addEventListener("pagehide", () => {
  for (const [path, { timer, revision }] of waiting) {
    clearTimeout(timer);
    void fetch(path, { method: "DELETE", keepalive: true, headers: { ...ifMatch(revision) } });
  }
  waiting.clear();
});

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The documents of a list that are not about to be deleted. */
export function useNotDeleted<Document extends AnyDocument>(
  resource: Resource<Document>,
  documents: Document[],
): Document[] {
  const paths = useSyncExternalStore(subscribe, () => hidden);
  return documents.filter((document) => !paths.has(resource.apiPath(document.id)));
}

/**
 * Deletes a document, with some seconds to undo it: it disappears from lists at once and is
 * deleted when they are over. Where the API refuses, it is shown again, with the reason.
 */
export function useDelete<Document extends AnyDocument>(resource: Resource<Document>) {
  const client = useQueryClient();
  return (document: Document): void => {
    const path = resource.apiPath(document.id);
    if (waiting.has(path)) return;
    const timer = window.setTimeout(async () => {
      try {
        await resource.remove(document.id, document.revision);
        client.setQueryData(resource.listQuery.queryKey, (list) =>
          list?.filter((item) => item.id !== document.id),
        );
        client.removeQueries({ queryKey: resource.query(document.id).queryKey });
      } catch (fault) {
        failed(`“${document.name}” was not deleted.`, fault);
      } finally {
        waiting.delete(path);
        tell();
        void client.invalidateQueries({ queryKey: [resource.key, "list"] });
      }
    }, GRACE_MS);
    waiting.set(path, { timer, revision: document.revision });
    tell();
    undoable(
      `deleted ${path}`,
      <>Deleted “{document.name}”.</>,
      () => {
        const pending = waiting.get(path);
        if (!pending) return;
        clearTimeout(pending.timer);
        waiting.delete(path);
        tell();
      },
      GRACE_MS - 250,
    );
  };
}
