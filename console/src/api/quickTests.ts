import { answer, api, everyPage } from "./client";
import { resource } from "./resource";
import type { QuickTest } from "./schema";

const ENDED = ["completed", "failed", "cancelled"];

export function ended(test: QuickTest): boolean {
  return ENDED.includes(test.status.state);
}

/** Quick tests are started and cancelled, never edited or deleted by the API. */
export const quickTests = resource<QuickTest>(
  {
    key: "quick-tests",
    noun: "quick test",
    path: (id) => `/tests/${id}`,
    apiPath: (id) => `/api/quick-tests/${encodeURIComponent(id)}/`,
  },
  {
    list: (signal) =>
      everyPage((page_token) =>
        answer(
          api.GET("/api/quick-tests/", { params: { query: { limit: 200, page_token } }, signal }),
        ),
      ),
    get: (id, signal) =>
      answer(
        api.GET("/api/quick-tests/{quick_test_id}/", {
          params: { path: { quick_test_id: id } },
          signal,
        }),
      ),
    create: (body) => answer(api.POST("/api/quick-tests/", { body })),
    update: () => Promise.reject(new Error("A quick test is not edited.")),
    remove: () => Promise.reject(new Error("A quick test is not deleted.")),
  },
  ended,
);

/** Where a test tells what changes. */
export function eventsPath(id: string): string {
  return `/api/quick-tests/${encodeURIComponent(id)}/events/`;
}
