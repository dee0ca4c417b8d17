import { useQueryClient } from "@tanstack/react-query";
import { markTest } from "@/api/marks";
import { quickTests } from "@/api/quickTests";
import type { QuickTest, RunMarks } from "@/api/schema";
import { failed } from "@/ui/toast";

/** Marks tests, one after another, and shows at once what has come of it. Says whether all were. */
export function useMark() {
  const client = useQueryClient();
  return async (tests: QuickTest[], changes: Partial<RunMarks>): Promise<boolean> => {
    for (const test of tests) {
      try {
        const now = await markTest(test.id, changes);
        client.setQueryData(quickTests.listQuery.queryKey, (list) =>
          list?.map((one) => (one.id === now.id ? now : one)),
        );
        client.setQueryData(quickTests.query(now.id).queryKey, now);
      } catch (fault) {
        failed(`“${test.name}” was not changed.`, fault);
        return false;
      }
    }
    return true;
  };
}
