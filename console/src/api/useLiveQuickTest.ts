import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type Connection, readStream } from "./eventStream";
import { ended, eventsPath, quickTests } from "./quickTests";
import type { QuickTest } from "./schema";

/**
 * A quick test that follows what happens to it: each event of its stream replaces the document in
 * the query cache, so that lists and other components see it too.
 */
export function useLiveQuickTest(id: string) {
  const client = useQueryClient();
  const [connection, setConnection] = useState<Connection>("connecting");
  const query = useQuery(quickTests.query(id));
  const over = query.data ? ended(query.data) : false;
  const known = query.data !== undefined;

  useEffect(() => {
    if (!known || over) {
      if (over) setConnection("ended");
      return;
    }
    const controller = new AbortController();
    let last: QuickTest | undefined;
    void readStream(eventsPath(id), {
      signal: controller.signal,
      onConnection: setConnection,
      finished: () => last !== undefined && ended(last),
      onEvent: (event) => {
        last = JSON.parse(event.data) as QuickTest;
        client.setQueryData(quickTests.query(id).queryKey, last);
        if (ended(last)) void client.invalidateQueries({ queryKey: [quickTests.key, "list"] });
      },
    });
    return () => controller.abort();
  }, [id, known, over, client]);

  return { ...query, connection };
}
