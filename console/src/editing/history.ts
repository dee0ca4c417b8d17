/** Undo and redo: plain functions from one history of a draft to the next. */
import { differences } from "@/ui/diff";

/** How many steps can be taken back. */
const STEPS = 100;

/** What a draft was, is, and was before it was taken back; the latest is last, the next first. */
export interface History<Value> {
  past: Value[];
  now: Value;
  future: Value[];
  /** What the last step wrote into, where that was one text or number: typing on is one step. */
  typed: string | null;
}

export function begun<Value>(now: Value): History<Value> {
  return { past: [], now, future: [], typed: null };
}

/** With a step that can be taken back. Nothing changed is no step. */
export function stepped<Value>(history: History<Value>, next: Value): History<Value> {
  if (next === history.now) return history;
  const found = differences(history.now, next);
  if (found.length === 0) return { ...history, now: next };
  const typed = fieldOf(found);
  const goesOn = typed !== null && typed === history.typed;
  const past = goesOn ? history.past : [...history.past, history.now].slice(-STEPS);
  return { past, now: next, future: [], typed };
}

/** With a change that goes with what was done, such as what the server adds to it: no step. */
export function amended<Value>(history: History<Value>, next: Value): History<Value> {
  return next === history.now ? history : { ...history, now: next };
}

export function undone<Value>(history: History<Value>): History<Value> {
  const { past, now, future } = history;
  const before = past.at(-1);
  if (before === undefined) return history;
  return { past: past.slice(0, -1), now: before, future: [now, ...future], typed: null };
}

export function redone<Value>(history: History<Value>): History<Value> {
  const { past, now, future } = history;
  const [next, ...rest] = future;
  if (next === undefined) return history;
  return { past: [...past, now], now: next, future: rest, typed: null };
}

/** The one text or number that changed, if nothing else did. */
function fieldOf(found: ReturnType<typeof differences>): string | null {
  const [only, ...others] = found;
  if (!only || others.length > 0 || only.kind !== "changed") return null;
  const isTyped = (value: unknown) => typeof value === "string" || typeof value === "number";
  return isTyped(only.before) && isTyped(only.after) ? only.path.join(" › ") : null;
}
