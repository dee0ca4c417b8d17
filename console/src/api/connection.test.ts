import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ask, fromProxy, heard, isLost, isSignedOut, onConnection, unheard } from "./connection";
import { makeQueries } from "./queries";

const json = { headers: { "Content-Type": "application/json" } };

describe("the connection", () => {
  const asked = vi.fn<typeof fetch>();

  beforeEach(() => {
    vi.useFakeTimers();
    asked.mockReset().mockRejectedValue(new TypeError("Failed to fetch"));
    vi.stubGlobal("fetch", asked);
  });
  afterEach(() => {
    heard();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("is asked for less and less often while it is lost, and told when it is back", async () => {
    const told = vi.fn();
    const end = onConnection(told);
    unheard();
    expect(isLost()).toBe(true);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked).toHaveBeenCalledTimes(4); // after 0.5, 1.5, 3.5 and 7.5 s
    asked.mockResolvedValue(new Response("{}", json));
    await vi.advanceTimersByTimeAsync(8_000);
    expect(isLost()).toBe(false);
    expect(told).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveBeenCalledTimes(5);
    end();
  });

  it("is not there where a proxy answers in the server's place", async () => {
    expect(fromProxy(new Response("Bad gateway", { status: 502 }))).toBe(true);
    expect(fromProxy(new Response("{}", { status: 503, ...json }))).toBe(false);
    expect(fromProxy(new Response("", { status: 404 }))).toBe(false);
    asked.mockResolvedValue(new Response("", { status: 504 }));
    expect(await ask()).toBe(false);
    expect(isLost()).toBe(true);
  });

  it("tells an expired sign-in from a server that does not answer", async () => {
    asked.mockResolvedValue(new Response("", { status: 401 }));
    expect(await ask()).toBe(false);
    expect([isLost(), isSignedOut()]).toEqual([true, true]);
    const [, options] = asked.mock.calls[0] ?? [];
    expect(options?.redirect).toBe("manual");
    expect(options?.headers).toEqual({ "X-Requested-With": "XMLHttpRequest" });
    const redirected = Response.json({});
    Object.defineProperty(redirected, "type", { value: "opaqueredirect" });
    asked.mockResolvedValue(redirected);
    await ask();
    expect(isSignedOut()).toBe(true);
    asked.mockRejectedValue(new TypeError("Failed to fetch"));
    await ask();
    expect([isLost(), isSignedOut()]).toEqual([true, false]);
    asked.mockResolvedValue(new Response("", { status: 401 }));
    await ask();
    asked.mockResolvedValue(new Response("{}", json)); // signed in, in another tab
    window.dispatchEvent(new Event("focus"));
    await vi.advanceTimersByTimeAsync(0);
    expect([isLost(), isSignedOut()]).toEqual([false, false]);
  });

  it("makes everything be read anew when it is back", () => {
    const queries = makeQueries();
    const again = vi.spyOn(queries, "invalidateQueries");
    unheard();
    expect(again).not.toHaveBeenCalled();
    heard();
    expect(again).toHaveBeenCalledOnce();
  });
});
