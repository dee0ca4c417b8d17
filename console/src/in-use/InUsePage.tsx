import { Button } from "@mantine/core";
import { IconRocket } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { registeredModels } from "@/api/registeredModels";
import type { RegisteredModel } from "@/api/schema";
import { metricOf } from "@/results/metrics";
import { EmptyState } from "@/ui/EmptyState";
import { ago, plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import classes from "@/ui/list.module.css";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { StatusBadge } from "@/ui/StatusBadge";
import { InUseTabs } from "./InUseTabs";
import { measured } from "./words";

export default function InUsePage() {
  const query = useQuery(registeredModels.listQuery);
  return (
    <Page title="In use" lead="Models that were trained in full, and the version in production.">
      <InUseTabs />
      <Loaded query={query} skeleton={<Rows height={72} />}>
        {(all) => (all.length ? <List all={all} /> : <None />)}
      </Loaded>
    </Page>
  );
}

function None() {
  return (
    <EmptyState
      icon={<IconRocket size={24} stroke={1.5} />}
      title="No model is in use yet"
      action={
        <Button component={Link} to="/tests">
          To the quick tests
        </Button>
      }
    >
      Open a quick test that went well and choose “Train in full”. When the training completes, it
      becomes a version of a model here, which you can bring into production, and take back.
    </EmptyState>
  );
}

function List({ all }: { all: RegisteredModel[] }) {
  return (
    <ul className={classes.list}>
      {all.map((model) => (
        <Row key={model.id} model={model} />
      ))}
    </ul>
  );
}

function Row({ model }: { model: RegisteredModel }) {
  const { production } = model.status.aliases;
  return (
    <li className={classes.row}>
      <div className={classes.main}>
        <Link to={registeredModels.path(model.id)} className={classes.name} title={model.name}>
          {model.name}
        </Link>
        <div className={classes.quiet}>{plural(model.status.versions, "version")}</div>
      </div>
      {production && (
        <div>
          {metricOf(production.metric).term} <span className="num">{measured(production)}</span>
        </div>
      )}
      <div className={classes.state}>
        <StatusBadge tone={production ? "good" : "quiet"}>
          {production ? `Version ${production.version}` : "None in production"}
        </StatusBadge>
        <div className={classes.quiet}>{ago(model.updated_at)}</div>
      </div>
    </li>
  );
}
