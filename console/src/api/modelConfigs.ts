import { answer, api, ifMatch } from "./client";
import { once } from "./intent";
import { resource } from "./resource";
import type { ModelConfig } from "./schema";

export const modelConfigs = resource<ModelConfig>(
  {
    key: "model-configs",
    noun: "model config",
    path: (id) => `/models/${id}`,
    apiPath: (id) => `/api/model-configs/${encodeURIComponent(id)}/`,
  },
  {
    page: (page_token, signal) =>
      answer(
        api.GET("/api/model-configs/", { params: { query: { limit: 200, page_token } }, signal }),
      ),
    get: (id, signal) =>
      answer(
        api.GET("/api/model-configs/{document_id}/", {
          params: { path: { document_id: id } },
          signal,
        }),
      ),
    create: (body, key) =>
      answer(api.POST("/api/model-configs/", { body, params: { header: once(key) } })),
    update: (id, body, revision) =>
      answer(
        api.PUT("/api/model-configs/{document_id}/", {
          params: { path: { document_id: id }, header: ifMatch(revision) },
          body,
        }),
      ),
    usage: (id) =>
      answer(
        api.GET("/api/model-configs/{document_id}/usage/", {
          params: { path: { document_id: id } },
        }),
      ),
    remove: (id, revision) =>
      answer(
        api.DELETE("/api/model-configs/{document_id}/", {
          params: { path: { document_id: id }, header: ifMatch(revision) },
        }),
      ),
    differences: (id, query, signal) =>
      answer(
        api.GET("/api/model-configs/{document_id}/differences/", {
          params: { path: { document_id: id }, query },
          signal,
        }),
      ),
    versions: (id, signal) =>
      answer(
        api.GET("/api/model-configs/{document_id}/versions/", {
          params: { path: { document_id: id } },
          signal,
        }),
      ),
  },
);
