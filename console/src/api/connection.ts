import { useSyncExternalStore } from "react";

/**
 * Whether the server answers, and knows who asks. Every request tells (`heard`, `unheard`); while it
 * does not answer it is asked again, less and less often, and at once when the browser is online
 * again or the page is looked at again, as after signing in elsewhere.
 */

type Loss = "unreachable" | "signed out";

/**
 * What makes a sign-in page in front of the server tell that it is one: a program's request gets
 * 401, or a redirection that is not followed, in place of the page.
 *
 * https://cloud.google.com/iap/docs/sessions-howto
 */
export const AS_PROGRAM = "X-Requested-With";
export const PROGRAM = { headers: { [AS_PROGRAM]: "XMLHttpRequest" }, redirect: "manual" } as const;

/** Where to sign in again without leaving the page; Identity-Aware Proxy knows the parameter. */
export const SIGN_IN = "/?gcp-iap-mode=DO_SESSION_REFRESH";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8_000;
const LONGEST_ANSWER_MS = 10_000;

let lost: Loss | null = null;
let pause = FIRST_WAIT_MS;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

export function isLost(): boolean {
  return lost !== null;
}

export function isSignedOut(): boolean {
  return lost === "signed out";
}

/** Calls `listener` whenever the connection is lost or back; returns how to end that. */
export function onConnection(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The server has answered, whatever it said. */
export function heard(): void {
  if (lost) turn(null);
}

/** A request has found no server, or one that does not know the caller any more. */
export function unheard(why: Loss = "unreachable"): void {
  if (lost === why) return;
  pause = FIRST_WAIT_MS;
  turn(why);
  askLater();
}

/** Why a response is none of the server's answers to somebody who is signed in, if it is none. */
export function lossOf(response: Response): Loss | null {
  if (response.status === 401 || response.type === "opaqueredirect") return "signed out";
  return fromProxy(response) ? "unreachable" : null;
}

/** Whether a response is a proxy's, in place of a server that does not answer. */
export function fromProxy({ status, headers }: Response): boolean {
  const json = headers.get("Content-Type")?.includes("json") ?? false;
  return status >= 502 && status <= 504 && !json;
}

/** Asks now; true where the server answers. */
export async function ask(): Promise<boolean> {
  clearTimeout(timer);
  let why: Loss = "unreachable";
  try {
    const response = await fetch("/api/health/", {
      ...PROGRAM,
      cache: "no-store",
      signal: AbortSignal.timeout(LONGEST_ANSWER_MS),
    });
    const loss = lossOf(response);
    if (loss === null) {
      heard();
      return true;
    }
    why = loss;
  } catch {
    // no answer
  }
  if (lost === why) askLater();
  else unheard(why);
  return false;
}

export function useLost(): boolean {
  return useSyncExternalStore(onConnection, isLost);
}

export function useSignedOut(): boolean {
  return useSyncExternalStore(onConnection, isSignedOut);
}

function askLater(): void {
  clearTimeout(timer);
  timer = setTimeout(() => void ask(), pause);
  pause = Math.min(pause * 2, LONGEST_WAIT_MS);
}

function turn(now: Loss | null): void {
  lost = now;
  clearTimeout(timer);
  for (const listener of [...listeners]) listener();
}

if (typeof window !== "undefined") {
  window.addEventListener("online", () => {
    if (lost) void ask();
  });
  window.addEventListener("offline", () => void ask());
  window.addEventListener("focus", () => {
    if (isSignedOut()) void ask();
  });
}
