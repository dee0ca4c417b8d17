import { lazy, Suspense, useSyncExternalStore } from "react";
import type { Usage } from "@/api/schema";

const InUseDialog = lazy(() => import("./InUseDialog"));

interface Told {
  name: string;
  usage: Usage;
}

let told: Told | null = null;
const listeners = new Set<() => void>();

function say(next: Told | null): void {
  told = next;
  for (const listener of listeners) listener();
}

/** Says what keeps a document from being deleted, wherever `InUse` stands. */
export function tellInUse(name: string, usage: Usage): void {
  say({ name, usage });
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The dialog that says it; once for the whole console. */
export function InUse() {
  const now = useSyncExternalStore(subscribe, () => told);
  const close = (): void => say(null);
  if (!now) return null;
  return (
    <Suspense>
      <InUseDialog name={now.name} usage={now.usage} close={close} />
    </Suspense>
  );
}
