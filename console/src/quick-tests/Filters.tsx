import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useCallback } from "react";
import { catalogue } from "@/api/catalogue";
import { datasets } from "@/api/datasets";
import { featureConfigs } from "@/api/featureConfigs";
import { modelConfigs } from "@/api/modelConfigs";
import type { QuickTestSummary } from "@/api/schema";
import { FilterBar } from "@/marks/FilterBar";
import { markFields } from "@/marks/fields";
import { useFilters } from "@/marks/useFilters";
import classes from "./Filters.module.css";
import { FILTERS, NEWEST, ordered, orders, passes, type Filters as Values } from "./select";

/** Which tests the address asks for, in which order. */
export function useSelection() {
  const { filters: found, set, clear } = useFilters(IN_ADDRESS);
  const models = useQuery(modelConfigs.listQuery).data;
  const shown = useCallback(
    (tests: QuickTestSummary[]) =>
      ordered(
        tests.filter((test) => passes(test, found, models ?? [])),
        found.order,
      ),
    [found, models],
  );
  return { filters: found, set, clear, shown };
}

const IN_ADDRESS = [...FILTERS, "order"] as const;

interface Props {
  filters: Values & { order: string | null };
  set: (changes: Record<string, string | null>) => void;
  tests: QuickTestSummary[];
  count: string;
  /** The view. */
  children: ReactNode;
}

const PURPOSES = [
  { value: "quick_test", label: "Quick tests" },
  { value: "full_training", label: "Full trainings" },
];

export function Filters({ filters, set, tests, count, children }: Props) {
  const sets = useQuery(datasets.listQuery).data ?? [];
  const features = useQuery(featureConfigs.listQuery).data ?? [];
  const models = useQuery(modelConfigs.listQuery).data ?? [];
  const named = (documents: { id: string; name: string }[]) =>
    documents.map(({ id, name }) => ({ value: id, label: name }));
  const [state, ...others] = markFields(tests, filters);
  const fields = [
    ...(state ? [state] : []),
    { name: "dataset", label: "Dataset", all: "Any dataset", data: named(sets) },
    { name: "features", label: "Features", all: "Any features", data: named(features) },
    { name: "model", label: "Model", all: "Any model", data: named(models) },
    {
      name: "task",
      label: "Task",
      all: "Any task",
      data: catalogue().tasks.map(({ name, label }) => ({ value: name, label })),
    },
    { name: "purpose", label: "Purpose", all: "Any purpose", data: PURPOSES },
    ...others,
  ];
  return (
    <FilterBar find="Find a test" {...{ fields, filters, set, count }}>
      <Select
        className={classes.order}
        aria-label="Order"
        data={orders()}
        value={orders().some(({ value }) => value === filters.order) ? filters.order : NEWEST}
        onChange={(value) => set({ order: value === NEWEST ? null : value })}
        allowDeselect={false}
        size="sm"
      />
      {children}
    </FilterBar>
  );
}
