import { Button } from "@mantine/core";
import { IconGridDots, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import type { Sweep } from "@/api/schema";
import { sweepEnded, sweeps } from "@/api/sweeps";
import { useNotDeleted } from "@/editing/useDelete";
import { MarkedList } from "@/marks/MarkedList";
import { MarkMenu } from "@/marks/MarkMenu";
import { Tags } from "@/marks/Tags";
import { Bar } from "@/quick-tests/Bar";
import { testState } from "@/quick-tests/stages";
import { EmptyState } from "@/ui/EmptyState";
import { ago, plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import classes from "@/ui/list.module.css";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { StatusBadge } from "@/ui/StatusBadge";

export default function SweepsPage() {
  const query = useQuery(sweeps.listQuery);
  const make = (
    <Button component={Link} to="/sweeps/new" leftSection={<IconPlus size={16} />}>
      New sweep
    </Button>
  );
  return (
    <Page
      title="Sweeps"
      lead="Many quick tests at once: a grid of settings, or an ablation of columns."
      actions={query.data?.length ? make : undefined}
    >
      <Loaded query={query} skeleton={<Rows height={72} />}>
        {(all) => <List all={all} make={make} />}
      </Loaded>
    </Page>
  );
}

function List({ all, make }: { all: Sweep[]; make: React.ReactNode }) {
  const shown = useNotDeleted(sweeps, all);
  if (shown.length === 0) {
    return (
      <EmptyState
        icon={<IconGridDots size={24} stroke={1.5} />}
        title="Try many combinations at once"
        action={make}
      >
        A sweep runs a quick test for every combination of the features, models and settings that
        you choose, within a budget, and shows which is best. An ablation leaves out one column at a
        time, to measure what each is worth.
      </EmptyState>
    );
  }
  return (
    <MarkedList runs={sweeps} all={shown} row={(sweep) => <Row key={sweep.id} sweep={sweep} />} />
  );
}

function Row({ sweep }: { sweep: Sweep }) {
  const { status, spec } = sweep;
  const { tone, label } = testState(status.state);
  return (
    <li className={`${classes.row} ${classes.withMenu}`}>
      <div className={classes.main}>
        <Link to={sweeps.path(sweep.id)} className={classes.name} title={sweep.name}>
          {sweep.name}
        </Link>
        <Tags marks={sweep.marks} />
        <div className={classes.quiet}>
          {spec.ablation ? "Ablation" : "Grid"}, {plural(status.tests.length, "test")}
        </div>
      </div>
      <div>
        {!sweepEnded(sweep) && <Bar value={status.progress} label={`Progress of ${sweep.name}`} />}
      </div>
      <div className={classes.state}>
        <StatusBadge tone={tone}>{label}</StatusBadge>
        <div className={classes.quiet}>{ago(status.ended_at ?? sweep.created_at)}</div>
      </div>
      <div className={classes.menu}>
        <MarkMenu runs={sweeps} run={sweep} on="row" />
      </div>
    </li>
  );
}
