import { Button } from "@mantine/core";
import { IconCalendarRepeat, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { registeredModels } from "@/api/registeredModels";
import { schedules } from "@/api/schedules";
import type { Schedule } from "@/api/schema";
import { useNotDeleted } from "@/editing/useDelete";
import { InUseTabs } from "@/in-use/InUseTabs";
import { EmptyState } from "@/ui/EmptyState";
import { ago, lower, moment } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import classes from "@/ui/list.module.css";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { StatusBadge } from "@/ui/StatusBadge";
import { inZone, outcomeOf, scheduleState } from "./words";

export default function SchedulesPage() {
  const query = useQuery(schedules.listQuery);
  const models = useQuery(registeredModels.listQuery);
  return (
    <Page
      title="Schedules"
      lead="When models are trained again on what has come in, and promoted if they may be."
      actions={query.data?.length ? <Make /> : undefined}
    >
      <InUseTabs />
      <Loaded query={query} skeleton={<Rows height={72} />}>
        {(all) => <List all={all} anyModel={models.data?.length !== 0} />}
      </Loaded>
    </Page>
  );
}

function Make() {
  return (
    <Button component={Link} to="/in-use/schedules/new" leftSection={<IconPlus size={16} />}>
      New schedule
    </Button>
  );
}

function List({ all, anyModel }: { all: Schedule[]; anyModel: boolean }) {
  const shown = useNotDeleted(schedules, all);
  if (shown.length === 0) {
    return (
      <EmptyState
        icon={<IconCalendarRepeat size={24} stroke={1.5} />}
        title="Keep a model fresh"
        action={
          anyModel ? (
            <Make />
          ) : (
            <Button component={Link} to="/tests">
              To the quick tests
            </Button>
          )
        }
      >
        A schedule reads the dataset again, trains the model in production anew, measures both on
        the newest purchases, and promotes the new version where it is not worse.
        {!anyModel && " It needs a model: open a quick test that went well and train it in full."}
      </EmptyState>
    );
  }
  return (
    <ul className={classes.list}>
      {shown.map((schedule) => (
        <Row key={schedule.id} schedule={schedule} />
      ))}
    </ul>
  );
}

function Row({ schedule }: { schedule: Schedule }) {
  const { spec, status } = schedule;
  const { tone, label } = scheduleState(schedule);
  const model = useQuery(registeredModels.listQuery).data?.find(({ id }) => id === spec.model_id);
  const [last] = status.history;
  return (
    <li className={classes.row}>
      <div className={classes.main}>
        <Link to={schedules.path(schedule.id)} className={classes.name} title={schedule.name}>
          {schedule.name}
        </Link>
        <div className={classes.quiet} title={model?.name}>
          {model?.name ?? "A model that is not there"}
        </div>
      </div>
      <div className={classes.when}>
        <div className={classes.quiet}>{status.next_at ? "Next" : "No next time"}</div>
        {status.next_at && (
          <span title={`${spec.zone}; here ${moment(status.next_at)}`}>
            {inZone(status.next_at, spec.zone)}
          </span>
        )}
      </div>
      <div className={classes.state}>
        <StatusBadge tone={tone}>{label}</StatusBadge>
        <div className={classes.quiet}>
          {last
            ? `${ago(last.ended_at ?? last.started_at)}: ${lower(outcomeOf(last).label)}`
            : "Not run yet"}
        </div>
      </div>
    </li>
  );
}
