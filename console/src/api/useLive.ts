import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { readStream } from "./eventStream";
import type { AnyDocument, Resource } from "./resource";

/**
 * A document that follows what happens to it until it has ended: each event of its stream replaces
 * it in the query cache, so that lists and other components see it too.
 */
export function useLive<Document extends Short, Short extends AnyDocument>(
  resource: Resource<Document, Short>,
  id: string,
  ended: (document: Document) => boolean,
) {
  const client = useQueryClient();
  const query = useQuery(resource.query(id));
  const over = query.data ? ended(query.data) : false;
  const known = query.data !== undefined;

  useEffect(() => {
    if (!known || over) return;
    const controller = new AbortController();
    let last: Document | undefined;
    void readStream(`${resource.apiPath(id)}events/`, {
      signal: controller.signal,
      finished: () => last !== undefined && ended(last),
      onEvent: (event) => {
        const document = JSON.parse(event.data) as Document;
        last = document;
        client.setQueryData(resource.query(id).queryKey, () => document);
        if (ended(document)) void client.invalidateQueries({ queryKey: [resource.key, "list"] });
      },
    });
    return () => controller.abort();
  }, [resource, id, ended, known, over, client]);

  return query;
}
