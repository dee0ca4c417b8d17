import type { ReactNode } from "react";
import type { MarkedDocument, Runs } from "@/api/resource";
import { plural } from "@/ui/format";
import classes from "@/ui/list.module.css";
import { FilterBar } from "./FilterBar";
import { markFields } from "./fields";
import { NoneFound } from "./NoneFound";
import { MARKS, marked, pinnedFirst } from "./select";
import { useFilters } from "./useFilters";

type Run = MarkedDocument & { status: { state: string } };

interface Props<Of extends Run> {
  runs: Runs<Of>;
  all: Of[];
  row: (run: Of) => ReactNode;
}

/** Sweeps or tunings one under the other, without those in the archive, pinned ones first. */
export function MarkedList<Of extends Run>({ runs, all, row }: Props<Of>) {
  const { filters, set, clear } = useFilters(MARKS);
  const found = pinnedFirst(all.filter((run) => marked(run, filters)));
  return (
    <>
      <FilterBar
        find={`Find a ${runs.noun}`}
        fields={markFields(all, filters)}
        filters={filters}
        set={set}
        count={
          found.length === all.length
            ? plural(all.length, runs.noun)
            : `${found.length} of ${plural(all.length, runs.noun)}`
        }
      />
      {found.length === 0 ? (
        <NoneFound
          noun={runs.noun}
          archived={MARKS.every((name) => !filters[name])}
          onShowArchive={() => set({ archived: "1" })}
          onClear={clear}
        />
      ) : (
        <ul className={classes.list}>{found.map(row)}</ul>
      )}
    </>
  );
}
