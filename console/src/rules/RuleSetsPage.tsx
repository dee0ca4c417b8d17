import { Button } from "@mantine/core";
import { IconFilter, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { datasets } from "@/api/datasets";
import { ruleSets } from "@/api/ruleSets";
import type { RuleSet } from "@/api/schema";
import { documentStatus } from "@/editing/status";
import { useNotDeleted } from "@/editing/useDelete";
import { InUseTabs } from "@/in-use/InUseTabs";
import { EmptyState } from "@/ui/EmptyState";
import { ago, plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import classes from "@/ui/list.module.css";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { StatusBadge } from "@/ui/StatusBadge";

export default function RuleSetsPage() {
  const query = useQuery(ruleSets.listQuery);
  const make = (
    <Button component={Link} to="/in-use/rules/new" leftSection={<IconPlus size={16} />}>
      New rule set
    </Button>
  );
  return (
    <Page
      title="Rule sets"
      lead="What lists of recommendations may hold, under names that requests give."
      actions={query.data?.length ? make : undefined}
    >
      <InUseTabs />
      <Loaded query={query} skeleton={<Rows height={72} />}>
        {(all) => <List all={all} make={make} />}
      </Loaded>
    </Page>
  );
}

function List({ all, make }: { all: RuleSet[]; make: React.ReactNode }) {
  const shown = useNotDeleted(ruleSets, all);
  if (shown.length === 0) {
    return (
      <EmptyState
        icon={<IconFilter size={24} stroke={1.5} />}
        title="Show what the shop wants to show"
        action={make}
      >
        A rule set says which products may be listed (a category, a price range, not bought lately),
        at most how many of a brand, and which product stands where. Requests give it by its name,
        and a quick test can measure what it costs.
      </EmptyState>
    );
  }
  return (
    <ul className={classes.list}>
      {shown.map((ruleSet) => (
        <Row key={ruleSet.id} ruleSet={ruleSet} />
      ))}
    </ul>
  );
}

function Row({ ruleSet }: { ruleSet: RuleSet }) {
  const { tone, label } = documentStatus(ruleSet);
  const of = useQuery(datasets.listQuery).data?.find(({ id }) => id === ruleSet.spec.dataset_id);
  return (
    <li className={classes.row}>
      <div className={classes.main}>
        <Link to={ruleSets.path(ruleSet.id)} className={classes.name} title={ruleSet.name}>
          {ruleSet.name}
        </Link>
        <div className={classes.quiet} title={of?.name}>
          {of?.name ?? "A dataset that is not there"}
        </div>
      </div>
      <div className={classes.quiet}>{amounts(ruleSet)}</div>
      <div className={classes.state}>
        <StatusBadge tone={tone}>{label}</StatusBadge>
        <div className={classes.quiet}>{ago(ruleSet.updated_at)}</div>
      </div>
    </li>
  );
}

/** `2 filters, 1 cap` */
function amounts({ spec }: RuleSet): string {
  const { filters, caps, pins } = spec.rules;
  const told = [
    filters.length && plural(filters.length, "filter"),
    caps.length && plural(caps.length, "cap"),
    pins.length && plural(pins.length, "pin"),
  ];
  return told.filter(Boolean).join(", ") || "No rules";
}
