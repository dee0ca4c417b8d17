import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { featureConfigs } from "@/api/featureConfigs";
import { modelConfigs } from "@/api/modelConfigs";
import type { QuickTest } from "@/api/schema";
import classes from "./Filters.module.css";
import { testState } from "./stages";

const NAMES = ["state", "features", "model", "purpose"] as const;
type Values = Record<(typeof NAMES)[number], string | null>;

/** Filters that are part of the address, so that they can be shared and survive going back. */
export function useFilters() {
  const [search, setSearch] = useSearchParams();
  const filters = Object.fromEntries(NAMES.map((name) => [name, search.get(name)])) as Values;
  const change = (name: keyof Values, value: string | null): void =>
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        if (value) after.set(name, value);
        else after.delete(name);
        return after;
      },
      { replace: true },
    );
  const passes = ({ spec, status }: QuickTest): boolean =>
    (!filters.state || status.state === filters.state) &&
    (!filters.features || spec.feature_config_id === filters.features) &&
    (!filters.model || spec.model_config_id === filters.model) &&
    (!filters.purpose || spec.purpose === filters.purpose);
  return { filters, change, passes };
}

interface Props {
  filters: Values;
  change: (name: keyof Values, value: string | null) => void;
}

const STATES = (["pending", "running", "completed", "failed", "cancelled"] as const).map(
  (value) => ({ value, label: testState(value).label }),
);
const PURPOSES = [
  { value: "quick_test", label: "Quick tests" },
  { value: "full_training", label: "Full trainings" },
];

export function Filters({ filters, change }: Props) {
  const features = useQuery(featureConfigs.listQuery).data ?? [];
  const models = useQuery(modelConfigs.listQuery).data ?? [];
  const named = (documents: { id: string; name: string }[]) =>
    documents.map(({ id, name }) => ({ value: id, label: name }));
  return (
    <search className={classes.filters}>
      <Filter label="State" all="Any state" name="state" data={STATES} {...{ filters, change }} />
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
        label="Purpose"
        all="Any purpose"
        name="purpose"
        data={PURPOSES}
        {...{ filters, change }}
      />
    </search>
  );
}

function Filter({
  label,
  all,
  name,
  data,
  filters,
  change,
}: Props & {
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
