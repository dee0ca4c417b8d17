import { Select, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useSearchParams } from "react-router";
import type { Dataset, FeatureConfig } from "@/api/schema";
import classes from "./Filters.module.css";
import type { Sort } from "./status";

const SORTS = [
  { value: "best", label: "Best result" },
  { value: "latest", label: "Last changed" },
  { value: "name", label: "Name" },
];
const FILTERS = [
  { value: "all", label: "All but archived" },
  { value: "tested", label: "Tested" },
  { value: "draft", label: "Drafts" },
  { value: "promoted", label: "Promoted" },
  { value: "archived", label: "Archived" },
];

interface Values {
  show: string;
  sort: Sort;
  dataset: string | null;
  text: string;
}

type Set = (name: string, value: string | null, usual?: string) => void;

/** Filters that are part of the address, so that they can be shared and survive going back. */
export function useFilters() {
  const [search, setSearch] = useSearchParams();
  const filters: Values = {
    show: search.get("show") ?? "all",
    sort: (search.get("sort") as Sort | null) ?? "best",
    dataset: search.get("dataset"),
    text: search.get("q") ?? "",
  };
  const set: Set = (name, value, usual) =>
    setSearch(
      (params) => {
        if (value === null || value === "" || value === usual) params.delete(name);
        else params.set(name, value);
        return params;
      },
      { replace: true },
    );
  const clear = () => setSearch({}, { replace: true });
  const passes = ({ name, spec, status }: FeatureConfig): boolean =>
    (filters.show === "all"
      ? status.lifecycle !== "archived"
      : status.lifecycle === filters.show) &&
    (!filters.dataset || spec.dataset_id === filters.dataset) &&
    name.toLowerCase().includes(filters.text.toLowerCase());
  return { filters, set, clear, passes };
}

interface Props {
  filters: Values;
  set: Set;
  datasets: Dataset[];
}

export function Filters({ filters, set, datasets }: Props) {
  return (
    <search className={classes.controls}>
      <TextInput
        aria-label="Search by name"
        placeholder="Search by name"
        leftSection={<IconSearch size={15} />}
        value={filters.text}
        onChange={(event) => set("q", event.currentTarget.value)}
      />
      <Select
        aria-label="Status"
        data={FILTERS}
        value={filters.show}
        onChange={(value) => set("show", value, "all")}
        allowDeselect={false}
      />
      <Select
        aria-label="Dataset"
        placeholder="All datasets"
        data={datasets.map(({ id, name }) => ({ value: id, label: name }))}
        value={filters.dataset}
        onChange={(value) => set("dataset", value)}
        clearable
      />
      <Select
        aria-label="Sort by"
        data={SORTS}
        value={filters.sort}
        onChange={(value) => set("sort", value, "best")}
        allowDeselect={false}
      />
    </search>
  );
}
