import { useCallback, useEffect, useState } from "react";
import { amended, begun, type History, redone, stepped, undone } from "./history";
import { useDraft } from "./useDraft";

/** What the buttons and keys of undo and redo need; undefined where there is nothing to do. */
export interface Undoing {
  undo: (() => void) | undefined;
  redo: (() => void) | undefined;
}

interface Draft<Value> extends Undoing {
  value: Value;
  /** Takes a step, which can be taken back. */
  change: (next: (now: Value) => Value) => void;
  /** Changes what goes with the last step: it is taken back with that. */
  amend: (next: (now: Value) => Value) => void;
}

/** A draft with undo and redo, all of which survive that the page is loaded again. */
export function useUndo<Value>(name: string, initial: Value): Draft<Value> {
  const [beginning] = useState(() => begun(initial));
  const [history, setHistory] = useDraft<History<Value>>(`${name}, undoable`, beginning, nowOnly);
  const change = useCallback(
    (next: (now: Value) => Value) => setHistory((all) => stepped(all, next(all.now))),
    [setHistory],
  );
  const amend = useCallback(
    (next: (now: Value) => Value) => setHistory((all) => amended(all, next(all.now))),
    [setHistory],
  );
  const undo = useCallback(() => setHistory(undone), [setHistory]);
  const redo = useCallback(() => setHistory(redone), [setHistory]);
  const keys: Undoing = {
    undo: history.past.length > 0 ? undo : undefined,
    redo: history.future.length > 0 ? redo : undefined,
  };
  useKeys(keys);
  return { value: history.now, change, amend, ...keys };
}

/** Where there is no room for all of it. */
function nowOnly<Value>({ now }: History<Value>): History<Value> {
  return begun(now);
}

/** Ctrl+Z and Ctrl+Shift+Z (⌘ on a Mac), except where they mean a text or a dialog. */
function useKeys({ undo, redo }: Undoing): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const key = event.key.toLowerCase();
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.defaultPrevented) return;
      if (key !== "z" && key !== "y") return;
      if (editsText(event.target) || document.querySelector("[role=dialog]")) return;
      const deed = key === "y" || event.shiftKey ? redo : undo;
      event.preventDefault();
      deed?.();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [undo, redo]);
}

/** The browser takes back what was typed there itself. */
function editsText(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) {
    return !["checkbox", "radio", "range", "button"].includes(target.type);
  }
  return (
    target instanceof HTMLTextAreaElement ||
    (target instanceof HTMLElement && target.isContentEditable)
  );
}
