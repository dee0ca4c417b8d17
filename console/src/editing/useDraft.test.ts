import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

/** The page is loaded: what the module finds, it finds then. */
async function load(type: string) {
  vi.resetModules();
  vi.spyOn(performance, "getEntriesByType").mockReturnValue([
    { type } as unknown as PerformanceEntry,
  ]);
  const { useDraft } = await import("./useDraft");
  return useDraft;
}

beforeEach(() => sessionStorage.clear());
afterEach(() => vi.restoreAllMocks());

async function written(name: string | null) {
  const useDraft = await load("navigate");
  const { result } = renderHook(() => useDraft(name, { text: "" }));
  act(() => result.current[1]({ text: "mine" }));
  window.dispatchEvent(new Event("pagehide"));
}

test("a draft is still there after the page was loaded again, once", async () => {
  await written("model");
  const useDraft = await load("reload");
  const first = renderHook(() => useDraft("model", { text: "" }));
  expect(first.result.current[0]).toEqual({ text: "mine" });
  first.unmount();
  const second = renderHook(() => useDraft("model", { text: "" }));
  expect(second.result.current[0]).toEqual({ text: "" });
});

test("who comes by a link begins afresh", async () => {
  await written("model");
  const useDraft = await load("navigate");
  const { result } = renderHook(() => useDraft("model", { text: "" }));
  expect(result.current[0]).toEqual({ text: "" });
});

test("what was not changed, and what has no name, is not kept", async () => {
  const useDraft = await load("navigate");
  renderHook(() => useDraft("model", { text: "" }));
  window.dispatchEvent(new Event("pagehide"));
  expect(sessionStorage).toHaveLength(0);
  await written(null);
  expect(sessionStorage).toHaveLength(0);
});
