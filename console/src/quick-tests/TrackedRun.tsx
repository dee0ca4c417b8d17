import { Anchor } from "@mantine/core";
import type { QuickTest } from "@/api/schema";

/** The way to a test's run in MLflow, where it is tracked and has an address. */
export function TrackedRun({ test }: { test: QuickTest }) {
  const { url } = test.status.tracking;
  if (!url || !/^https?:\/\//.test(url)) return null;
  return (
    <Anchor href={url} target="_blank" rel="noreferrer" inherit>
      View in MLflow
    </Anchor>
  );
}
