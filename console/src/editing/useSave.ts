import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, fieldErrors } from "@/api/errors";
import type { AnyDocument, Resource, WriteBody } from "@/api/resource";
import type { ManagedBy } from "@/api/schema";
import { useRequest } from "./useRequest";

/** A save that somebody else was quicker than: their version, and what was to be saved. */
export interface Conflict<Document extends AnyDocument> {
  theirs: Document;
  mine: WriteBody<Document["spec"]>;
}

/** A change of a document that a file keeps, before it is saved. */
export interface Owned<Document extends AnyDocument> {
  owner: ManagedBy;
  body: WriteBody<Document["spec"]>;
}

interface Saving<Document extends AnyDocument> {
  /** The document that is being edited; undefined for a new one. */
  id?: string;
  /** The revision that the edit began with. */
  revision?: number;
  /** A promise locks the form until it is kept. */
  onSaved: (document: Document) => unknown;
}

/**
 * Saves a document: creates it without an `id`, else replaces the revision that the edit began
 * with. What a file keeps is `owned` first, until that is answered; a stale revision (409) becomes
 * `conflict`: both are for SaveDialogs. A refusal (422) becomes `errors`, by field.
 */
export function useSave<Document extends AnyDocument>(
  resource: Resource<Document>,
  { id, revision, onSaved }: Saving<Document>,
) {
  const client = useQueryClient();
  const [conflict, setConflict] = useState<Conflict<Document> | null>(null);
  const [owned, setOwned] = useState<Owned<Document> | null>(null);

  const request = useRequest({
    send: (
      save: { body: WriteBody<Document["spec"]>; over?: number; copy?: boolean },
      key: string,
    ) =>
      id === undefined || save.copy
        ? resource.create(save.body, key)
        : resource.update(id, save.body, save.over ?? revision),
    onSuccess: (document) => {
      setConflict(null);
      setOwned(null);
      client.setQueryData(resource.query(document.id).queryKey, document);
      void client.invalidateQueries({ queryKey: [resource.key, "list"] });
      void client.invalidateQueries({ queryKey: [resource.key, "versions", document.id] });
      return onSaved(document);
    },
    onError: (fault, save) => {
      setOwned(null); // what was refused is shown in the form
      if (fault instanceof ApiError && fault.stale && fault.current) {
        setConflict({ theirs: fault.current as unknown as Document, mine: save.body });
      }
    },
  });

  function save(body: WriteBody<Document["spec"]>): void {
    const stored = id && client.getQueryData<Document>(resource.query(id).queryKey);
    const owner = stored ? stored.managed_by : null;
    if (owner) setOwned({ owner, body });
    else request.send({ body });
  }

  return {
    save,
    saving: request.sending,
    /** Messages by field path, of the last refusal. */
    errors: fieldErrors(request.error),
    /** The last fault that is neither a conflict nor about fields. */
    fault:
      request.error instanceof ApiError && (request.error.stale || request.error.fields.length)
        ? null
        : request.error,
    clearErrors: request.reset,
    conflict,
    owned: owned && {
      ...owned,
      saveHere: () => request.send({ body: owned.body }),
      goOn: () => setOwned(null),
    },
    /** Ways out of a conflict. */
    resolve: {
      overwrite: () =>
        conflict && request.send({ body: conflict.mine, over: conflict.theirs.revision }),
      saveCopy: () =>
        conflict &&
        request.send({
          body: { ...conflict.mine, name: `${conflict.mine.name} (my version)`.slice(0, 255) },
          copy: true,
        }),
      takeTheirs: () => {
        if (!conflict) return;
        const { theirs } = conflict;
        setConflict(null);
        client.setQueryData(resource.query(theirs.id).queryKey, theirs);
        onSaved(theirs);
      },
      goOn: () => setConflict(null),
    },
  };
}
