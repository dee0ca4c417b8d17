import { queryOptions } from "@tanstack/react-query";
import { answer, api, everyPage } from "./client";

/** Rule sets, to choose one of. */
export const ruleSetsQuery = queryOptions({
  queryKey: ["rule-sets", "list"],
  queryFn: ({ signal }) =>
    everyPage((page_token) =>
      answer(api.GET("/api/rule-sets/", { params: { query: { limit: 200, page_token } }, signal })),
    ),
});
