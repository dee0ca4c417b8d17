import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api, ifMatch } from "./client";
import { once } from "./intent";
import { resource, validated } from "./resource";
import type { Schedule, ScheduleSpec } from "./schema";

const of = (id: string) => ({ path: { document_id: id } });
const one = (id: string) => ({ params: { path: { schedule_id: id } } });

/** Whether a run is under way, or asked for. */
export function underWay({ status }: Schedule): boolean {
  return status.run != null || status.requested_at != null;
}

export const schedules = resource<Schedule>(
  {
    key: "schedules",
    noun: "schedule",
    path: (id) => `/in-use/schedules/${id}`,
    apiPath: (id) => `/api/schedules/${encodeURIComponent(id)}/`,
  },
  {
    page: (page_token, signal) =>
      answer(api.GET("/api/schedules/", { params: { query: { limit: 200, page_token } }, signal })),
    get: (id, signal) =>
      answer(api.GET("/api/schedules/{document_id}/", { params: of(id), signal })),
    create: (body, key) =>
      answer(api.POST("/api/schedules/", { body, params: { header: once(key) } })),
    update: (id, body, revision) =>
      answer(
        api.PUT("/api/schedules/{document_id}/", {
          params: { ...of(id), header: ifMatch(revision) },
          body,
        }),
      ),
    usage: (id) => answer(api.GET("/api/schedules/{document_id}/usage/", { params: of(id) })),
    remove: (id, revision) =>
      answer(
        api.DELETE("/api/schedules/{document_id}/", {
          params: { ...of(id), header: ifMatch(revision) },
        }),
      ),
    differences: (id, query, signal) =>
      answer(
        api.GET("/api/schedules/{document_id}/differences/", {
          params: { path: { document_id: id }, query },
          signal,
        }),
      ),
    versions: (id, signal) =>
      answer(api.GET("/api/schedules/{document_id}/versions/", { params: of(id), signal })),
  },
  (schedule) => validated(schedule) && !underWay(schedule),
);

/** What is to be said of a schedule, and when it would fire. */
export function scheduleTrialQuery(spec: ScheduleSpec, id?: string) {
  return queryOptions({
    queryKey: [schedules.key, "validate", id ?? null, spec],
    queryFn: ({ signal }) =>
      answer(api.POST("/api/schedules/validate/", { body: { spec, id }, signal })),
    placeholderData: keepPreviousData,
  });
}

export function runSchedule(id: string): Promise<Schedule> {
  return answer(api.POST("/api/schedules/{schedule_id}/run/", one(id)));
}

export function pauseSchedule(id: string): Promise<Schedule> {
  return answer(api.POST("/api/schedules/{schedule_id}/pause/", one(id)));
}

export function resumeSchedule(id: string): Promise<Schedule> {
  return answer(api.POST("/api/schedules/{schedule_id}/resume/", one(id)));
}
