import { useQueryClient } from "@tanstack/react-query";
import type { MarkedDocument, Runs } from "@/api/resource";
import type { RunMarks } from "@/api/schema";
import { failed } from "@/ui/toast";

const NOTHING: RunMarks = { add_tags: [], remove_tags: [] };

/** Marks runs, one after another, and shows at once what has come of it. Says whether all were. */
export function useMark<Run extends Short, Short extends MarkedDocument>(runs: Runs<Run, Short>) {
  const client = useQueryClient();
  return async (chosen: Short[], changes: Partial<RunMarks>): Promise<boolean> => {
    for (const run of chosen) {
      try {
        const now = await runs.mark(run.id, { ...NOTHING, ...changes });
        client.setQueryData<Short[]>([...runs.listQuery.queryKey], (list) =>
          list?.map((one) => (one.id === now.id ? now : one)),
        );
        client.setQueryData<Run>([...runs.query(now.id).queryKey], now);
      } catch (fault) {
        failed(`“${run.name}” was not changed.`, fault);
        return false;
      }
    }
    return true;
  };
}
