import { Button } from "@mantine/core";
import { IconAdjustmentsSearch, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import type { Tuning } from "@/api/schema";
import { tuningEnded, tunings } from "@/api/tunings";
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
import { VERDICTS } from "./words";

export default function TuningsPage() {
  const query = useQuery(tunings.listQuery);
  const make = (
    <Button component={Link} to="/tunings/new" leftSection={<IconPlus size={16} />}>
      New tuning
    </Button>
  );
  return (
    <Page
      title="Tuning"
      lead="Search better settings for a model and its features, within a budget."
      actions={query.data?.length ? make : undefined}
    >
      <Loaded query={query} skeleton={<Rows height={72} />}>
        {(all) => <List all={all} make={make} />}
      </Loaded>
    </Page>
  );
}

function List({ all, make }: { all: Tuning[]; make: React.ReactNode }) {
  const shown = useNotDeleted(tunings, all);
  if (shown.length === 0) {
    return (
      <EmptyState
        icon={<IconAdjustmentsSearch size={24} stroke={1.5} />}
        title="Find out whether other settings are better"
        action={make}
      >
        A tuning tries widths, layers, dropout, temperature, learning rate, half-lives and columns,
        each trial learning from those before it. The best is compared with your configs as they
        are, on purchases that no trial has seen. “The default is as good” is an answer, too.
      </EmptyState>
    );
  }
  return (
    <MarkedList
      runs={tunings}
      all={shown}
      row={(tuning) => <Row key={tuning.id} tuning={tuning} />}
    />
  );
}

function Row({ tuning }: { tuning: Tuning }) {
  const { status, spec } = tuning;
  const { tone, label } = status.verdict
    ? VERDICTS[status.verdict.verdict]
    : testState(status.state);
  return (
    <li className={`${classes.row} ${classes.withMenu}`}>
      <div className={classes.main}>
        <Link to={tunings.path(tuning.id)} className={classes.name} title={tuning.name}>
          {tuning.name}
        </Link>
        <Tags marks={tuning.marks} />
        <div className={classes.quiet}>
          {status.trials.length} of {plural(spec.trials, "trial")}
        </div>
      </div>
      <div>
        {!tuningEnded(tuning) && (
          <Bar value={status.progress} label={`Progress of ${tuning.name}`} />
        )}
      </div>
      <div className={classes.state}>
        <StatusBadge tone={tone}>{label}</StatusBadge>
        <div className={classes.quiet}>{ago(status.ended_at ?? tuning.created_at)}</div>
      </div>
      <div className={classes.menu}>
        <MarkMenu runs={tunings} run={tuning} on="row" />
      </div>
    </li>
  );
}
