import { Button } from "@mantine/core";
import { IconArrowsSplit2, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { registeredModels } from "@/api/registeredModels";
import type { RegisteredModel } from "@/api/schema";
import { InUseTabs } from "@/in-use/InUseTabs";
import { EmptyState } from "@/ui/EmptyState";
import { ago } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import classes from "@/ui/list.module.css";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { StatusBadge } from "@/ui/StatusBadge";
import {
  experimentPath,
  experimentState,
  experimentsOf,
  type Found,
  isBeginning,
  versionsWords,
} from "./experiments";

export default function ExperimentsPage() {
  const query = useQuery(registeredModels.listQuery);
  const some = query.data?.some((model) => isBeginning(model) || experimentsOf([model]).length > 0);
  return (
    <Page
      title="Experiments"
      lead="A/B tests: versions of a model that answer beside each other, and whether one sells more."
      actions={some ? <Make /> : undefined}
    >
      <InUseTabs />
      <Loaded query={query} skeleton={<Rows height={72} />}>
        {(models) => (some ? <List models={models} /> : <None models={models} />)}
      </Loaded>
    </Page>
  );
}

function Make() {
  return (
    <Button component={Link} to="/in-use/experiments/new" leftSection={<IconPlus size={16} />}>
      New experiment
    </Button>
  );
}

function None({ models }: { models: RegisteredModel[] }) {
  const possible = models.some(({ status }) => status.aliases.production && status.versions > 1);
  return (
    <EmptyState
      icon={<IconArrowsSplit2 size={24} stroke={1.5} />}
      title="Find out on customers whether another version is better"
      action={
        possible ? (
          <Make />
        ) : (
          <Button component={Link} to="/in-use">
            To the models
          </Button>
        )
      }
    >
      Each customer is answered by one version, always the same. The shop logs what it shows; from
      that log and its orders you see the difference, with its interval.
      {!possible &&
        " It needs a model with a version in production, and another version beside it."}
    </EmptyState>
  );
}

function List({ models }: { models: RegisteredModel[] }) {
  return (
    <ul className={classes.list}>
      {models.filter(isBeginning).map((model) => (
        <Row
          key={model.id}
          to={experimentPath(model.id)}
          name={versionsWords(model.spec.experiment?.versions ?? [])}
          model={model}
          state={<StatusBadge tone="running">Beginning</StatusBadge>}
          when={ago(model.updated_at)}
        />
      ))}
      {experimentsOf(models).map((found) => (
        <One key={`${found.model.id} ${found.experiment.id}`} {...found} />
      ))}
    </ul>
  );
}

function One({ model, experiment }: Found) {
  const { tone, label } = experimentState(experiment);
  return (
    <Row
      to={experimentPath(model.id, experiment.id)}
      name={versionsWords(experiment.versions)}
      model={model}
      state={<StatusBadge tone={tone}>{label}</StatusBadge>}
      when={experiment.ended_at ? ago(experiment.ended_at) : `since ${ago(experiment.began_at)}`}
    />
  );
}

interface RowProps {
  to: string;
  name: string;
  model: RegisteredModel;
  state: React.ReactNode;
  when: string;
}

function Row({ to, name, model, state, when }: RowProps) {
  return (
    <li className={classes.row}>
      <div className={classes.main}>
        <Link to={to} className={classes.name} title={name}>
          {name}
        </Link>
        <div className={classes.quiet} title={model.name}>
          {model.name}
        </div>
      </div>
      <div />
      <div className={classes.state}>
        {state}
        <div className={classes.quiet}>{when}</div>
      </div>
    </li>
  );
}
