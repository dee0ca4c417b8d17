import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type Connection, readStream } from "./eventStream";
import type { AnyDocument, Resource } from "./resource";

/**
 * A document that follows what happens to it until it has ended: each event of its stream replaces
 * it in the query cache, so that lists and other components see it too.
 */
export function useLive<Document extends AnyDocument>(
  resource: Resource<Document>,
  id: string,
  ended: (document: Document) => boolean,
) {
  const client = useQueryClient();
  const [connection, setConnection] = useState<Connection>("connecting");
  const query = useQuery(resource.query(id));
  const over = query.data ? ended(query.data) : false;
  const known = query.data !== undefined;

  useEffect(() => {
    if (!known || over) {
      if (over) setConnection("ended");
      return;
    }
    const controller = new AbortController();
    let last: Document | undefined;
    void readStream(`${resource.apiPath(id)}events/`, {
      signal: controller.signal,
      onConnection: setConnection,
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

  return { query, connection };
}
