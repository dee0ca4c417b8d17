import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api, ifMatch } from "./client";
import { once } from "./intent";
import { resource } from "./resource";
import type { RuleSet, RuleSetSpec } from "./schema";

const of = (id: string) => ({ path: { document_id: id } });

export const ruleSets = resource<RuleSet>(
  {
    key: "rule-sets",
    noun: "rule set",
    path: (id) => `/in-use/rules/${id}`,
    apiPath: (id) => `/api/rule-sets/${encodeURIComponent(id)}/`,
  },
  {
    page: (page_token, signal) =>
      answer(api.GET("/api/rule-sets/", { params: { query: { limit: 200, page_token } }, signal })),
    get: (id, signal) =>
      answer(api.GET("/api/rule-sets/{document_id}/", { params: of(id), signal })),
    create: (body, key) =>
      answer(api.POST("/api/rule-sets/", { body, params: { header: once(key) } })),
    update: (id, body, revision) =>
      answer(
        api.PUT("/api/rule-sets/{document_id}/", {
          params: { ...of(id), header: ifMatch(revision) },
          body,
        }),
      ),
    usage: (id) => answer(api.GET("/api/rule-sets/{document_id}/usage/", { params: of(id) })),
    remove: (id, revision) =>
      answer(
        api.DELETE("/api/rule-sets/{document_id}/", {
          params: { ...of(id), header: ifMatch(revision) },
        }),
      ),
    differences: (id, query, signal) =>
      answer(
        api.GET("/api/rule-sets/{document_id}/differences/", {
          params: { path: { document_id: id }, query },
          signal,
        }),
      ),
    versions: (id, signal) =>
      answer(api.GET("/api/rule-sets/{document_id}/versions/", { params: of(id), signal })),
  },
);

/**
 * What is to be said of a rule set, and with a completed test, how many of its products fit.
 * `id`: of the stored one that it is to replace.
 */
export function ruleSetTrialQuery(spec: RuleSetSpec, id?: string, quickTestId?: string | null) {
  return queryOptions({
    queryKey: [ruleSets.key, "validate", id ?? null, quickTestId ?? null, spec],
    queryFn: ({ signal }) =>
      answer(
        api.POST("/api/rule-sets/validate/", {
          body: { spec, id, quick_test_id: quickTestId },
          signal,
        }),
      ),
    enabled: spec.dataset_id !== "",
    placeholderData: keepPreviousData,
  });
}

/** The columns of a dataset's products that rules can read. */
export function ruleColumnsQuery(datasetId: string) {
  return queryOptions({
    ...ruleSetTrialQuery({
      dataset_id: datasetId,
      rules: { filters: [], caps: [], pins: [] },
    }),
    placeholderData: undefined,
    select: ({ columns }) => columns,
  });
}
