import { Button } from "@mantine/core";
import { IconAdjustmentsHorizontal, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import { datasets } from "@/api/datasets";
import { bestFeaturesQuery, featureConfigs } from "@/api/featureConfigs";
import { quickTests } from "@/api/quickTests";
import type { FeatureConfig, QuickTestSummary } from "@/api/schema";
import { useNotDeleted } from "@/editing/useDelete";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { useFirst } from "@/ui/useFirst";
import { FeatureRow } from "./FeatureRow";
import classes from "./FeaturesPage.module.css";
import { Filters, useFilters } from "./Filters";
import { sorted } from "./status";

export default function FeaturesPage() {
  const configs = useQuery(featureConfigs.listQuery);
  const create = (
    <Button component={Link} to="/features/new" leftSection={<IconPlus size={16} />}>
      New config
    </Button>
  );
  return (
    <Page
      title="Features"
      lead="What the model knows: which columns describe customers, which describe products, and how they are transformed."
      actions={configs.data?.length ? create : undefined}
    >
      <Loaded query={configs} skeleton={<Rows height={84} />}>
        {(all) => <List all={all} create={create} />}
      </Loaded>
    </Page>
  );
}

const NONE: QuickTestSummary[] = [];

function List({ all, create }: { all: FeatureConfig[]; create: React.ReactNode }) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const there = useNotDeleted(featureConfigs, all);
  const tests = useQuery(quickTests.listQuery).data ?? NONE;
  const sets = useQuery(datasets.listQuery).data ?? [];
  const verdicts = useQuery(bestFeaturesQuery).data?.items ?? [];

  const { filters, set, clear, passes } = useFilters();
  const shown = sorted(there, filters.sort).filter(passes);
  const [first, showMore] = useFirst(shown);
  const testsOf = useMemo(() => {
    const found = new Map<string, QuickTestSummary[]>();
    for (const test of tests) {
      const { feature_config_id } = test.spec;
      const known = found.get(feature_config_id);
      if (known) known.push(test);
      else found.set(feature_config_id, [test]);
    }
    return found;
  }, [tests]);

  if (there.length === 0) {
    return (
      <EmptyState
        icon={<IconAdjustmentsHorizontal size={24} stroke={1.5} />}
        title="Choose what the model knows"
        action={create}
      >
        A feature config says which columns go into the buyer tower, which into the product tower,
        and how they are transformed. Smart defaults are a good start; then try others, and see
        which finds more of what customers buy.
      </EmptyState>
    );
  }

  // A config stands in comparisons by its best test, or else by its latest completed one.
  const testOf = (config: FeatureConfig): string | undefined =>
    config.status.best?.quick_test_id ??
    testsOf.get(config.id)?.find(({ status }) => status.state === "completed")?.id;
  const chosen = there
    .filter(({ id }) => selected.has(id))
    .flatMap((config) => testOf(config) ?? []);

  return (
    <>
      <Filters filters={filters} set={set} datasets={sets} />
      {shown.length === 0 ? (
        <p className={classes.none}>
          No config matches.{" "}
          <Button variant="subtle" size="compact-sm" onClick={clear}>
            Show all
          </Button>
        </p>
      ) : (
        <ul className={classes.list}>
          {first.map((config) => (
            <FeatureRow
              key={config.id}
              config={config}
              dataset={sets.find(({ id }) => id === config.spec.dataset_id)}
              tests={testsOf.get(config.id) ?? NONE}
              best={
                verdicts.find(({ feature_config_id }) => feature_config_id === config.id)?.summary
              }
              selected={selected.has(config.id)}
              onSelect={(on) =>
                setSelected((now) => {
                  const next = new Set(now);
                  if (on) next.add(config.id);
                  else next.delete(config.id);
                  return next;
                })
              }
            />
          ))}
        </ul>
      )}
      {showMore}
      {verdicts
        .filter(({ dataset_id }) => !filters.dataset || dataset_id === filters.dataset)
        .map(({ dataset_id, summary }) => (
          <p key={dataset_id} className={classes.quiet}>
            {sets.length > 1 && `${sets.find(({ id }) => id === dataset_id)?.name ?? "?"}: `}
            {summary}
          </p>
        ))}
      <div className={classes.below}>
        <Button
          component={Link}
          variant="default"
          to={`/compare?tests=${chosen.join(",")}`}
          data-disabled={chosen.length < 2 || undefined}
          aria-disabled={chosen.length < 2}
          onClick={(event) => chosen.length < 2 && event.preventDefault()}
        >
          Compare selected{chosen.length ? ` (${chosen.length})` : ""}
        </Button>
        <Button
          component={Link}
          variant="default"
          to={`/compare/heatmap${filters.dataset ? `?dataset=${filters.dataset}` : ""}`}
        >
          View heatmap
        </Button>
        {chosen.length < 2 && (
          <span className={classes.quiet}>
            Select two or more tested configs to compare their best tests.
          </span>
        )}
      </div>
    </>
  );
}
