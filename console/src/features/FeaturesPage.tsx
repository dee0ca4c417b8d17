import { ActionIcon, Button, Checkbox, Menu, Select, TextInput, Tooltip } from "@mantine/core";
import {
  IconAdjustmentsHorizontal,
  IconCopy,
  IconDots,
  IconFlask,
  IconPencil,
  IconPlus,
  IconSearch,
  IconStarFilled,
  IconTrash,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { datasets } from "@/api/datasets";
import { featureConfigs } from "@/api/featureConfigs";
import { quickTests } from "@/api/quickTests";
import type { Dataset, FeatureConfig, QuickTest } from "@/api/schema";
import { useDelete, useNotDeleted } from "@/editing/useDelete";
import { EmptyState } from "@/ui/EmptyState";
import { ago, percent, plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { StatusBadge } from "@/ui/StatusBadge";
import classes from "./FeaturesPage.module.css";
import { towerParts, width } from "./spec";
import { bestConfigs, bestRecall, configStatus, type Sort, sorted } from "./status";

const SORTS = [
  { value: "best", label: "Best recall@100" },
  { value: "latest", label: "Latest change" },
  { value: "name", label: "Name" },
];
const FILTERS = [
  { value: "all", label: "All but archived" },
  { value: "tested", label: "Tested" },
  { value: "draft", label: "Drafts" },
  { value: "promoted", label: "Promoted" },
  { value: "archived", label: "Archived" },
];

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
      lead="What the model gets to know: which columns describe customers, which describe products, and how they become numbers."
      actions={configs.data?.length ? create : undefined}
    >
      <Loaded query={configs} skeleton={<Rows height={84} />}>
        {(all) => <List all={all} create={create} />}
      </Loaded>
    </Page>
  );
}

function List({ all, create }: { all: FeatureConfig[]; create: React.ReactNode }) {
  const [search, setSearch] = useSearchParams();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const there = useNotDeleted(featureConfigs, all);
  const tests = useQuery(quickTests.listQuery).data ?? [];
  const sets = useQuery(datasets.listQuery).data ?? [];

  const filter = search.get("show") ?? "all";
  const sort = (search.get("sort") as Sort | null) ?? "best";
  const dataset = search.get("dataset");
  const text = search.get("q") ?? "";
  const set = (name: string, value: string | null, usual?: string) =>
    setSearch(
      (params) => {
        if (value === null || value === "" || value === usual) params.delete(name);
        else params.set(name, value);
        return params;
      },
      { replace: true },
    );

  if (there.length === 0) {
    return (
      <EmptyState
        icon={<IconAdjustmentsHorizontal size={24} stroke={1.5} />}
        title="Choose what the model gets to know"
        action={create}
      >
        A feature config says which columns go into the buyer tower and which into the product
        tower. Smart defaults make a good first one; then try others and see which finds more of
        what customers buy.
      </EmptyState>
    );
  }

  const shown = sorted(there, sort).filter(
    ({ name, spec, status }) =>
      (filter === "all" ? status.lifecycle !== "archived" : status.lifecycle === filter) &&
      (!dataset || spec.dataset_id === dataset) &&
      name.toLowerCase().includes(text.toLowerCase()),
  );
  const best = bestConfigs(
    there.filter(({ status }) => status.lifecycle !== "archived"),
    tests,
  );

  return (
    <>
      <div className={classes.controls}>
        <TextInput
          aria-label="Find by name"
          placeholder="Find by name"
          leftSection={<IconSearch size={15} />}
          value={text}
          onChange={(event) => set("q", event.currentTarget.value)}
        />
        <Select
          aria-label="Which to show"
          data={FILTERS}
          value={filter}
          onChange={(value) => set("show", value, "all")}
          allowDeselect={false}
        />
        <Select
          aria-label="Dataset"
          placeholder="All datasets"
          data={sets.map(({ id, name }) => ({ value: id, label: name }))}
          value={dataset}
          onChange={(value) => set("dataset", value)}
          clearable
        />
        <Select
          aria-label="Sort by"
          data={SORTS}
          value={sort}
          onChange={(value) => set("sort", value, "best")}
          allowDeselect={false}
        />
      </div>
      {shown.length === 0 ? (
        <p className={classes.none}>
          No config is like that.{" "}
          <Button
            variant="subtle"
            size="compact-sm"
            onClick={() => setSearch({}, { replace: true })}
          >
            Show all
          </Button>
        </p>
      ) : (
        <ul className={classes.list}>
          {shown.map((config) => (
            <Row
              key={config.id}
              config={config}
              dataset={sets.find(({ id }) => id === config.spec.dataset_id)}
              tests={tests.filter(({ spec }) => spec.feature_config_id === config.id)}
              best={best.has(config.id)}
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
      <div className={classes.below}>
        <Button
          component={Link}
          variant="default"
          to={`/compare?features=${[...selected].join(",")}`}
          data-disabled={selected.size < 2 || undefined}
          aria-disabled={selected.size < 2}
          onClick={(event) => selected.size < 2 && event.preventDefault()}
        >
          Compare selected{selected.size ? ` (${selected.size})` : ""}
        </Button>
        <Button component={Link} variant="default" to="/compare/heatmap">
          View heatmap
        </Button>
        {selected.size < 2 && (
          <span className={classes.quiet}>Select two or more to compare their tests.</span>
        )}
      </div>
    </>
  );
}

interface RowProps {
  config: FeatureConfig;
  dataset: Dataset | undefined;
  tests: QuickTest[];
  best: boolean;
  selected: boolean;
  onSelect: (on: boolean) => void;
}

function Row({ config, dataset, tests, best, selected, onSelect }: RowProps) {
  const navigate = useNavigate();
  const remove = useDelete(featureConfigs);
  const { tone, label } = configStatus(config);
  const recall = bestRecall(config);
  const crosses = config.spec.buyer_model_crosses.length + config.spec.product_model_crosses.length;
  const last = tests
    .map(({ created_at }) => created_at ?? "")
    .sort()
    .pop();
  return (
    <li className={classes.row}>
      <Checkbox
        size="sm"
        className={classes.check}
        checked={selected}
        onChange={(event) => onSelect(event.currentTarget.checked)}
        aria-label={`Select ${config.name}`}
      />
      <div className={classes.main}>
        <Link to={featureConfigs.path(config.id)} className={classes.name}>
          {config.name}
        </Link>
        <div className={classes.facts}>
          <span className={classes.buyer}>
            Buyer <b>{width(towerParts(config.spec, "buyer"))}D</b>
          </span>
          <span className={classes.product}>
            Product <b>{width(towerParts(config.spec, "product"))}D</b>
          </span>
          <span>{plural(crosses, "cross", "crosses")}</span>
          {dataset && <span>{dataset.name}</span>}
        </div>
        <div className={classes.facts}>
          <StatusBadge tone={tone}>{label}</StatusBadge>
          <span className={classes.quiet}>
            {tests.length
              ? `${plural(tests.length, "quick test")}, last ${ago(last)}`
              : `changed ${ago(config.updated_at)}`}
          </span>
        </div>
      </div>
      <div className={classes.recall}>
        {recall !== null && (
          <>
            <div className={classes.value}>
              {best && (
                <Tooltip label="Best of this dataset, among tests that were measured in the same way">
                  <span className={classes.star} role="img" aria-label="Best">
                    <IconStarFilled size={15} />
                  </span>
                </Tooltip>
              )}
              {percent(recall)}
            </div>
            <div className={classes.quiet}>recall@100</div>
          </>
        )}
      </div>
      <div className={classes.actions}>
        <Tooltip label="Run a quick test">
          <ActionIcon
            component={Link}
            to={`/tests/new?features=${config.id}`}
            variant="default"
            size="lg"
            aria-label={`Run a quick test of ${config.name}`}
          >
            <IconFlask size={17} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <Menu position="bottom-end" width={180}>
          <Menu.Target>
            <ActionIcon variant="default" size="lg" aria-label={`Actions for ${config.name}`}>
              <IconDots size={17} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              leftSection={<IconPencil size={16} />}
              component={Link}
              to={`/features/${config.id}/edit`}
            >
              Edit
            </Menu.Item>
            <Menu.Item
              leftSection={<IconCopy size={16} />}
              onClick={() => navigate(`/features/new?clone=${config.id}`)}
            >
              Clone
            </Menu.Item>
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={16} />}
              disabled={tests.length > 0}
              onClick={() => remove(config)}
            >
              {tests.length > 0 ? "Has tests: archive it" : "Delete"}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
    </li>
  );
}
