import { Select, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";
import { catalogue } from "@/api/catalogue";
import { datasets } from "@/api/datasets";
import { featureConfigs } from "@/api/featureConfigs";
import { modelConfigs } from "@/api/modelConfigs";
import type { QuickTest } from "@/api/schema";
import classes from "./Filters.module.css";
import {
  FILTERS,
  NEWEST,
  ordered,
  orders,
  ownersOf,
  passes,
  tagsOf,
  type Filters as Values,
} from "./select";
import { testState } from "./stages";

/** Filters and order that are part of the address, so that they can be shared and survive going
 * back. */
export function useFilters() {
  const [search, setSearch] = useSearchParams();
  const models = useQuery(modelConfigs.listQuery).data;
  const order = search.get("order");
  const filters = useMemo(
    () => Object.fromEntries(FILTERS.map((name) => [name, search.get(name)])) as Values,
    [search],
  );
  const shown = useCallback(
    (tests: QuickTest[]) =>
      ordered(
        tests.filter((test) => passes(test, filters, models ?? [])),
        order,
      ),
    [filters, models, order],
  );
  const change = (name: keyof Values | "order", value: string | null): void =>
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        if (value) after.set(name, value);
        else after.delete(name);
        return after;
      },
      { replace: true },
    );
  return { filters, order, change, shown };
}

interface Props {
  filters: Values;
  order: string | null;
  change: (name: keyof Values | "order", value: string | null) => void;
  tests: QuickTest[];
}

const STATES = (["pending", "running", "completed", "failed", "cancelled"] as const).map(
  (value) => ({ value, label: testState(value).label }),
);
const PURPOSES = [
  { value: "quick_test", label: "Quick tests" },
  { value: "full_training", label: "Full trainings" },
];

export function Filters({ filters, order, change, tests }: Props) {
  const sets = useQuery(datasets.listQuery).data ?? [];
  const features = useQuery(featureConfigs.listQuery).data ?? [];
  const models = useQuery(modelConfigs.listQuery).data ?? [];
  const named = (documents: { id: string; name: string }[]) =>
    documents.map(({ id, name }) => ({ value: id, label: name }));
  const owners = ownersOf(tests);
  return (
    <search className={classes.filters}>
      <TextInput
        aria-label="Find a test"
        placeholder="Search names"
        leftSection={<IconSearch size={16} stroke={1.7} />}
        value={filters.q ?? ""}
        onChange={(event) => change("q", event.currentTarget.value)}
        size="sm"
      />
      <Filter label="State" all="Any state" name="state" data={STATES} {...{ filters, change }} />
      <Filter
        label="Dataset"
        all="Any dataset"
        name="dataset"
        data={named(sets)}
        {...{ filters, change }}
      />
      <Filter
        label="Features"
        all="Any features"
        name="features"
        data={named(features)}
        {...{ filters, change }}
      />
      <Filter
        label="Model"
        all="Any model"
        name="model"
        data={named(models)}
        {...{ filters, change }}
      />
      <Filter
        label="Task"
        all="Any task"
        name="task"
        data={catalogue().tasks.map(({ name, label }) => ({ value: name, label }))}
        {...{ filters, change }}
      />
      <Filter
        label="Purpose"
        all="Any purpose"
        name="purpose"
        data={PURPOSES}
        {...{ filters, change }}
      />
      <Filter
        label="Tag"
        all="Any tag"
        name="tag"
        data={kept(tagsOf(tests), filters.tag)}
        {...{ filters, change }}
      />
      {(owners.length > 0 || filters.owner) && (
        <Filter
          label="Owner"
          all="Any owner"
          name="owner"
          data={kept(owners, filters.owner)}
          {...{ filters, change }}
        />
      )}
      <Filter
        label="Archive"
        all="Not archived"
        name="archived"
        data={[{ value: "1", label: "Archived" }]}
        {...{ filters, change }}
      />
      <Select
        aria-label="Order"
        data={orders()}
        value={orders().some(({ value }) => value === order) ? order : NEWEST}
        onChange={(value) => change("order", value === NEWEST ? null : value)}
        allowDeselect={false}
        size="sm"
      />
    </search>
  );
}

/** Texts to choose from, the one that the address names among them. */
function kept(found: string[], chosen: string | null): { value: string; label: string }[] {
  const all = chosen && !found.includes(chosen) ? [chosen, ...found] : found;
  return all.map((value) => ({ value, label: value }));
}

function Filter({
  label,
  all,
  name,
  data,
  filters,
  change,
}: Omit<Props, "order" | "tests"> & {
  label: string;
  all: string;
  name: keyof Values;
  data: { value: string; label: string }[];
}) {
  return (
    <Select
      aria-label={label}
      placeholder={all}
      data={data}
      value={filters[name]}
      onChange={(value) => change(name, value)}
      clearable
      searchable={data.length > 7}
      size="sm"
    />
  );
}
