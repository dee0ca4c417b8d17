import { useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { ifMatch } from "@/api/client";
import { ApiError } from "@/api/errors";
import type { AnyDocument, Resource } from "@/api/resource";
import { failed, undoable } from "@/ui/toast";
import { tellInUse } from "./InUse";

const GRACE_MS = 8_000;

/** Deletions that can still be undone, by the document's path in the API. */
const waiting = new Map<string, { timer: number; revision: number }>();
/** Those of which the API is being asked whether they can be. */
const asking = new Set<string>();
const listeners = new Set<() => void>();
let hidden: ReadonlySet<string> = new Set();

function tell(): void {
  hidden = new Set(waiting.keys());
  for (const listener of listeners) listener();
}

// A page that is closed within the grace period still deletes what it said it would.
window.addEventListener("pagehide", () => {
  for (const [path, { timer, revision }] of waiting) {
    clearTimeout(timer);
    void fetch(path, { method: "DELETE", keepalive: true, headers: { ...ifMatch(revision) } });
  }
  waiting.clear();
  tell(); // the browser may show this page again, as it was
});

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The documents of a list that are not about to be deleted. */
export function useNotDeleted<Document extends AnyDocument>(
  resource: Pick<Resource<Document>, "apiPath">,
  documents: Document[],
): Document[] {
  const paths = useSyncExternalStore(subscribe, () => hidden);
  if (paths.size === 0) return documents; // the same array, for hooks that compare by identity
  return documents.filter((document) => !paths.has(resource.apiPath(document.id)));
}

/**
 * Deletes a document, with some seconds to undo it: it disappears from lists at once and is
 * deleted when they are over. What cannot be deleted stays, and what uses it is said at once; where
 * that changes meanwhile and the API refuses, the document is shown again, with the reason.
 *
 * Gives a function that says whether the document is going to be deleted.
 */
export function useDelete<Document extends Short, Short extends AnyDocument>(
  resource: Resource<Document, Short>,
) {
  const client = useQueryClient();

  async function possible(document: Document, path: string): Promise<boolean> {
    asking.add(path);
    try {
      const usage = await resource.usage?.(document.id);
      if (usage && !usage.deletable) tellInUse(document.name, usage);
      return usage?.deletable ?? true;
    } catch (fault) {
      failed(`“${document.name}” cannot be deleted now.`, fault);
      return false;
    } finally {
      asking.delete(path);
    }
  }

  async function remove(document: Document): Promise<void> {
    try {
      await resource.remove(document.id, document.revision);
    } catch (fault) {
      // Somebody else was quicker to delete it.
      if (!(fault instanceof ApiError && fault.status === 404)) throw fault;
    }
    client.setQueryData(resource.listQuery.queryKey, (list) =>
      list?.filter((item) => item.id !== document.id),
    );
    client.removeQueries({ queryKey: resource.query(document.id).queryKey });
  }

  return async (document: Document): Promise<boolean> => {
    const path = resource.apiPath(document.id);
    if (waiting.has(path) || asking.has(path) || !(await possible(document, path))) return false;
    const timer = window.setTimeout(async () => {
      try {
        await remove(document);
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
      <>Deleting “{document.name}”.</>,
      () => {
        const pending = waiting.get(path);
        if (!pending) return;
        clearTimeout(pending.timer);
        waiting.delete(path);
        tell();
      },
      GRACE_MS - 250,
    );
    return true;
  };
}
