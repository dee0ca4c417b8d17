import { useHotkeys } from "@mantine/hooks";
import { lazy, Suspense, useSyncExternalStore } from "react";

const Palette = lazy(() => import("./CommandPalette"));

let wanted = false;
const listeners = new Set<() => void>();

/** Opens the command palette; the first time, it is loaded too. */
export function openPalette(): void {
  if (wanted) {
    void import("@mantine/spotlight").then(({ spotlight }) => spotlight.open());
    return;
  }
  wanted = true;
  for (const listener of listeners) listener();
}

export function LazyPalette() {
  const load = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => wanted,
  );
  useHotkeys([["mod+K", openPalette]], []);
  return load ? (
    <Suspense>
      <Palette />
    </Suspense>
  ) : null;
}
