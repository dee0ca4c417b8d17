import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api, ifMatch } from "./client";
import { once } from "./intent";
import { PAGE } from "./longLists";
import { FOLLOWED, pause, type Runs, resource } from "./resource";
import type {
  FullTraining,
  paths,
  QuickTest,
  QuickTestSpec,
  QuickTestSummary,
  TestState,
} from "./schema";

const ENDED = ["completed", "failed", "cancelled"];

export function isOver(state: TestState): boolean {
  return ENDED.includes(state);
}

export function ended(test: QuickTestSummary): boolean {
  return isOver(test.status.state);
}

type Asked = paths["/api/quick-tests/summaries/"]["get"]["parameters"]["query"];

function summaries(query: Asked, signal?: AbortSignal) {
  const params = { query: { limit: PAGE, ...query } };
  return answer(api.GET("/api/quick-tests/summaries/", { params, signal }));
}

const documents = resource<QuickTest, QuickTestSummary>(
  {
    key: "quick-tests",
    noun: "quick test",
    path: (id) => `/tests/${id}`,
    apiPath: (id) => `/api/quick-tests/${encodeURIComponent(id)}/`,
  },
  {
    page: (page_token, signal) => summaries({ page_token }, signal),
    get: (id, signal) =>
      answer(
        api.GET("/api/quick-tests/{document_id}/", {
          params: { path: { document_id: id } },
          signal,
        }),
      ),
    create: (body, key) =>
      answer(api.POST("/api/quick-tests/", { body, params: { header: once(key) } })),
    update: () => Promise.reject(new Error("A quick test is not edited.")),
    usage: (id) =>
      answer(
        api.GET("/api/quick-tests/{document_id}/usage/", { params: { path: { document_id: id } } }),
      ),
    remove: (id, revision) =>
      answer(
        api.DELETE("/api/quick-tests/{document_id}/", {
          params: { path: { document_id: id }, header: ifMatch(revision) },
        }),
      ),
  },
  ended,
);

/** Quick tests are started, cancelled and deleted, never edited; their marks may change. */
export const quickTests: Runs<QuickTest, QuickTestSummary> = {
  ...documents,
  mark: (document_id, body) =>
    answer(
      api.PATCH("/api/quick-tests/{document_id}/", { params: { path: { document_id } }, body }),
    ),
};

/** The latest tests of a feature config or of a model config, up to PAGE of them. */
export function testsOfQuery(of: { feature_config_id: string } | { model_config_id: string }) {
  return queryOptions({
    queryKey: [quickTests.key, "of", of],
    queryFn: ({ signal }) => summaries(of, signal),
    meta: FOLLOWED,
    refetchInterval: (query) => pause(query.state.data?.items.every(ended)),
  });
}

const of = (id: string) => ({ path: { quick_test_id: id } });

/** What is to be said of a test before it is started, how long it would take, what it would cost. */
export function forecastQuery(spec: QuickTestSpec | null) {
  return queryOptions({
    queryKey: [quickTests.key, "forecast", spec],
    queryFn: ({ signal }) =>
      answer(
        api.POST("/api/quick-tests/estimate/", {
          body: { spec: spec as QuickTestSpec },
          signal,
        }),
      ),
    enabled: spec !== null,
    placeholderData: keepPreviousData,
  });
}

export function startQuickTest(
  spec: QuickTestSpec,
  name: string | null,
  key: string,
): Promise<QuickTest> {
  return answer(
    api.POST("/api/quick-tests/", {
      body: { name, description: "", spec },
      params: { header: once(key) },
    }),
  );
}

export function cancelQuickTest(id: string): Promise<QuickTest> {
  return answer(
    api.POST("/api/quick-tests/{document_id}/cancel/", {
      params: { path: { document_id: id } },
    }),
  );
}

export function trainInFull(id: string, body: FullTraining, key: string): Promise<QuickTest> {
  return answer(
    api.POST("/api/quick-tests/{quick_test_id}/full-training/", {
      params: { ...of(id), header: once(key) },
      body,
    }),
  );
}

/** What would help with a completed test's warnings; nothing where a config of its is gone. */
export function fixesQuery(id: string) {
  return queryOptions({
    queryKey: [quickTests.key, "fixes", id],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/quick-tests/{quick_test_id}/fixes/", { params: of(id), signal })),
    retry: false,
  });
}

/** The two modules that a test runs. */
export function codeQuery(id: string) {
  return queryOptions({
    queryKey: [quickTests.key, "code", id],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/quick-tests/{quick_test_id}/generated-code/", { params: of(id), signal }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** What the trained towers are fed for a customer and a product. */
export function sampleTensorsQuery(id: string, customer?: string, product?: string) {
  return queryOptions({
    queryKey: [quickTests.key, "tensors", id, customer, product],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/quick-tests/{quick_test_id}/sample-tensors/", {
          params: { ...of(id), query: { customer, product } },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  });
}

/** Of how many tests settings are told at once. */
export const MOST_SETTINGS = 200;

/** What completed tests were made of. */
export function settingsQuery(ids: string[]) {
  const quick_test_ids = ids.slice(0, MOST_SETTINGS);
  return queryOptions({
    queryKey: [quickTests.key, "settings", quick_test_ids],
    queryFn: ({ signal }) =>
      answer(api.POST("/api/quick-tests/settings/", { body: { quick_test_ids }, signal })),
    placeholderData: keepPreviousData,
    enabled: ids.length > 0,
    staleTime: 60_000,
  });
}
