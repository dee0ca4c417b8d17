import { type Dispatch, type SetStateAction, useEffect, useRef, useState } from "react";

const PREFIX = "draft ";

/** What the page before a reload left behind; anything else that leads here begins afresh. */
const left = new Map<string, string>();
for (const key of Object.keys(sessionStorage).filter((name) => name.startsWith(PREFIX))) {
  const text = sessionStorage.getItem(key);
  if (reloaded() && text) left.set(key, text);
  sessionStorage.removeItem(key);
}

function reloaded(): boolean {
  const [navigation] = performance.getEntriesByType?.("navigation") ?? [];
  return (navigation as PerformanceNavigationTiming | undefined)?.type === "reload";
}

/**
 * State of a page that survives its being loaded again, as long as it is plain data.
 *
 * `name` tells it from others on the same page; null keeps nothing. Of a stored document it has the
 * revision: what the draft began from may have changed meanwhile. `smaller`: what to keep of it where
 * the browser has no room for the whole.
 */
export function useDraft<Value>(
  name: string | null,
  initial: Value,
  smaller?: (value: Value) => Value,
): [Value, Dispatch<SetStateAction<Value>>] {
  const [key] = useState(name && `${PREFIX}${location.pathname} ${name}`);
  const [value, setValue] = useState<Value>(() => {
    const text = key && left.get(key);
    return text ? JSON.parse(text) : initial;
  });
  const began = useRef(initial);
  const latest = useRef(value);
  latest.current = value;
  const [shortened] = useState(() => smaller);

  useEffect(() => {
    if (!key) return;
    const keep = (): void => {
      if (latest.current !== began.current) {
        try {
          sessionStorage.setItem(key, JSON.stringify(latest.current));
        } catch (fault) {
          if (!shortened) throw fault;
          sessionStorage.setItem(key, JSON.stringify(shortened(latest.current)));
        }
      }
    };
    window.addEventListener("pagehide", keep);
    return () => {
      window.removeEventListener("pagehide", keep);
      left.delete(key);
    };
  }, [key, shortened]);

  return [value, setValue];
}
