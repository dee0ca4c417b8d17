import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api, ifMatch } from "./client";
import { once } from "./intent";
import { type Runs, resource } from "./resource";
import type { Sweep, SweepSpec } from "./schema";

const ENDED = ["completed", "failed", "cancelled"];

export function sweepEnded(sweep: Sweep): boolean {
  return ENDED.includes(sweep.status.state);
}

const of = (id: string) => ({ path: { document_id: id } });

const documents = resource<Sweep>(
  {
    key: "sweeps",
    noun: "sweep",
    path: (id) => `/sweeps/${id}`,
    apiPath: (id) => `/api/sweeps/${encodeURIComponent(id)}/`,
  },
  {
    page: (page_token, signal) =>
      answer(api.GET("/api/sweeps/", { params: { query: { limit: 200, page_token } }, signal })),
    get: (id, signal) => answer(api.GET("/api/sweeps/{document_id}/", { params: of(id), signal })),
    create: (body, key) =>
      answer(api.POST("/api/sweeps/", { body, params: { header: once(key) } })),
    update: () => Promise.reject(new Error("A sweep is not edited.")),
    usage: (id) =>
      answer(
        api.GET("/api/sweeps/{document_id}/usage/", { params: { path: { document_id: id } } }),
      ),
    remove: (id, revision) =>
      answer(
        api.DELETE("/api/sweeps/{document_id}/", {
          params: { ...of(id), header: ifMatch(revision) },
        }),
      ),
  },
  sweepEnded,
);

/** Sweeps are started, cancelled and deleted, never edited; their marks may change. */
export const sweeps: Runs<Sweep> = {
  ...documents,
  mark: (document_id, body) =>
    answer(api.PATCH("/api/sweeps/{document_id}/", { params: { path: { document_id } }, body })),
};

/** What a sweep would be made of, and take. */
export function sweepForecastQuery(spec: SweepSpec | null) {
  return queryOptions({
    queryKey: [sweeps.key, "forecast", spec],
    queryFn: ({ signal }) =>
      answer(api.POST("/api/sweeps/validate/", { body: { spec: spec as SweepSpec }, signal })),
    enabled: spec !== null,
    placeholderData: keepPreviousData,
  });
}

export function cancelSweep(id: string): Promise<Sweep> {
  return answer(api.POST("/api/sweeps/{document_id}/cancel/", { params: of(id) }));
}
