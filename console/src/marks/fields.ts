/** What any list of runs can be filtered by besides its search. */
import type { MarkedDocument } from "@/api/resource";
import { testState } from "@/quick-tests/stages";
import type { FilterField } from "./FilterBar";
import { type MarkFilters, ownersOf, tagsOf } from "./select";

const STATES = (["pending", "running", "completed", "failed", "cancelled"] as const).map(
  (value) => ({ value, label: testState(value).label }),
);

export function markFields(runs: MarkedDocument[], filters: MarkFilters): FilterField[] {
  const owners = kept(ownersOf(runs), filters.owner);
  return [
    { name: "state", label: "State", all: "Any state", data: STATES },
    { name: "tag", label: "Tag", all: "Any tag", data: kept(tagsOf(runs), filters.tag) },
    ...(owners.length ? [{ name: "owner", label: "Owner", all: "Anybody", data: owners }] : []),
    {
      name: "archived",
      label: "Archive",
      all: "Not archived",
      data: [{ value: "1", label: "Archived" }],
    },
  ];
}

/** Texts to choose from, the one that the address names among them. */
function kept(found: string[], chosen: string | null): { value: string; label: string }[] {
  const all = chosen && !found.includes(chosen) ? [chosen, ...found] : found;
  return all.map((value) => ({ value, label: value }));
}
