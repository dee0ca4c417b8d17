import { QueryClient } from "@tanstack/react-query";
import { isLost, onConnection } from "./connection";
import { ApiError } from "./errors";

/**
 * The cache of all that the API has told. Requests are made whether or not the browser believes
 * itself online, for the server may be on this machine; what is shown is asked for anew when the
 * connection is back.
 */
export function makeQueries(): QueryClient {
  const queries = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 2_000,
        networkMode: "always",
        // What the server refused it will refuse again; what did not get through may. A lost
        // connection is asked for by one, not by every query.
        retry: (attempts, fault) =>
          attempts < 2 &&
          !isLost() &&
          !(fault instanceof ApiError && fault.status >= 400 && fault.status < 500),
      },
      mutations: { networkMode: "always" },
    },
  });
  onConnection(() => {
    if (!isLost()) void queries.invalidateQueries();
  });
  return queries;
}
