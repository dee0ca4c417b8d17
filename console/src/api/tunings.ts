import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api, ifMatch } from "./client";
import { once } from "./intent";
import { type Runs, resource } from "./resource";
import type { Tuning, TuningSpec } from "./schema";

const ENDED = ["completed", "failed", "cancelled"];

export function tuningEnded(tuning: Tuning): boolean {
  return ENDED.includes(tuning.status.state);
}

const of = (id: string) => ({ path: { document_id: id } });

const documents = resource<Tuning>(
  {
    key: "tunings",
    noun: "tuning",
    path: (id) => `/tunings/${id}`,
    apiPath: (id) => `/api/tunings/${encodeURIComponent(id)}/`,
  },
  {
    page: (page_token, signal) =>
      answer(api.GET("/api/tunings/", { params: { query: { limit: 200, page_token } }, signal })),
    get: (id, signal) => answer(api.GET("/api/tunings/{document_id}/", { params: of(id), signal })),
    create: (body, key) =>
      answer(api.POST("/api/tunings/", { body, params: { header: once(key) } })),
    update: () => Promise.reject(new Error("A tuning is not edited.")),
    usage: (id) =>
      answer(
        api.GET("/api/tunings/{document_id}/usage/", { params: { path: { document_id: id } } }),
      ),
    remove: (id, revision) =>
      answer(
        api.DELETE("/api/tunings/{document_id}/", {
          params: { ...of(id), header: ifMatch(revision) },
        }),
      ),
  },
  tuningEnded,
);

/** Tunings are started, stopped, cancelled and deleted, never edited; their marks may change. */
export const tunings: Runs<Tuning> = {
  ...documents,
  mark: (document_id, body) =>
    answer(api.PATCH("/api/tunings/{document_id}/", { params: { path: { document_id } }, body })),
};

/** What a tuning would search, and take. */
export function tuningForecastQuery(spec: TuningSpec | null) {
  return queryOptions({
    queryKey: [tunings.key, "forecast", spec],
    queryFn: ({ signal }) =>
      answer(api.POST("/api/tunings/validate/", { body: { spec: spec as TuningSpec }, signal })),
    enabled: spec !== null,
    placeholderData: keepPreviousData,
  });
}

export function stopTuning(id: string): Promise<Tuning> {
  return answer(api.POST("/api/tunings/{document_id}/stop/", { params: of(id) }));
}

export function cancelTuning(id: string): Promise<Tuning> {
  return answer(api.POST("/api/tunings/{document_id}/cancel/", { params: of(id) }));
}
