import { Anchor, Button, Group } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { settingOf } from "@/api/catalogue";
import { quickTests } from "@/api/quickTests";
import { registeredModels } from "@/api/registeredModels";
import {
  pauseSchedule,
  resumeSchedule,
  runSchedule,
  schedules,
  scheduleTrialQuery,
  underWay,
} from "@/api/schedules";
import type { Schedule } from "@/api/schema";
import { DocumentActions } from "@/editing/DocumentActions";
import { FileOwner } from "@/editing/FileOwner";
import { useRequest } from "@/editing/useRequest";
import { Versions } from "@/editing/Versions";
import { moment } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { Said } from "@/ui/Said";
import { Section } from "@/ui/Section";
import { StatusBadge } from "@/ui/StatusBadge";
import table from "@/ui/table.module.css";
import { failed, succeeded } from "@/ui/toast";
import { Runs } from "./Runs";
import classes from "./SchedulePage.module.css";
import { inZone, scheduleState } from "./words";

export default function SchedulePage() {
  const { id = "" } = useParams();
  const query = useQuery(schedules.query(id));
  if (query.data) return <Opened key={query.data.id} schedule={query.data} />;
  return (
    <Page title="Schedule" parent={{ label: "Schedules", to: "/in-use/schedules" }} wide>
      <Loaded query={query} skeleton={<Rows count={4} height={72} />}>
        {() => null}
      </Loaded>
    </Page>
  );
}

function Opened({ schedule }: { schedule: Schedule }) {
  const { spec, status } = schedule;
  const { tone, label } = scheduleState(schedule);
  const { run } = status;
  return (
    <Page
      title={schedule.name}
      parent={{ label: "Schedules", to: "/in-use/schedules" }}
      wide
      lead={
        <>
          {schedule.description}
          <Group gap="0.25rem 1.125rem">
            <StatusBadge tone={tone}>{label}</StatusBadge>
            {status.next_at && (
              <span title={moment(status.next_at)}>
                next {inZone(status.next_at, spec.zone)}, {spec.zone}
              </span>
            )}
          </Group>
        </>
      }
      actions={<Actions schedule={schedule} />}
    >
      <FileOwner resource={schedules} document={schedule} />
      {status.validation.state === "invalid" && <Said problems={status.validation.problems} />}
      {run && (
        <div className={classes.now}>
          <Notice
            title={`A run is under way: ${label.toLowerCase()}.`}
            action={
              run.quick_test_id && (
                <Anchor
                  component={Link}
                  to={quickTests.path(run.quick_test_id)}
                  size="sm"
                  c="inherit"
                  fw={600}
                >
                  To the training
                </Anchor>
              )
            }
          >
            Due {moment(run.due_at)}, begun {moment(run.started_at)}.
          </Notice>
        </div>
      )}
      <Section title="What it does">
        <Facts schedule={schedule} />
      </Section>
      <Section
        title="Runs"
        lead="The last 30: what came of each, and how the new version compares with the one in production over the same newest purchases."
      >
        {status.history.length > 0 ? (
          <Runs runs={status.history} />
        ) : (
          <p className={table.quiet}>
            It has not run yet. “Run now” does not wait for the next time.
          </p>
        )}
      </Section>
      <Versions resource={schedules} document={schedule} />
    </Page>
  );
}

function Facts({ schedule: { id, spec } }: { schedule: Schedule }) {
  const model = useQuery(registeredModels.query(spec.model_id)).data;
  const words = useQuery(scheduleTrialQuery(spec, id)).data?.words;
  const given = (["epochs", "early_stopping_patience", "data_sample_percent"] as const).flatMap(
    (name) => (spec[name] == null ? [] : `${settingOf("schedule", name).label}: ${spec[name]}`),
  );
  return (
    <dl className={table.facts}>
      <dt>Model</dt>
      <dd>
        <Anchor component={Link} to={registeredModels.path(spec.model_id)} inherit>
          {model?.name ?? spec.model_id}
        </Anchor>
      </dd>
      <dt>When</dt>
      <dd>
        {words} <code>{spec.cron}</code>
      </dd>
      <dt>Training</dt>
      <dd>{given.join(", ") || "As the version in production was trained"}</dd>
      <dt>Begins</dt>
      <dd>{spec.warm_start ? "With the last weights" : "From scratch"}</dd>
      <dt>Promotion</dt>
      <dd>
        {spec.promotion === "never"
          ? "Never by itself"
          : "Where the new version is not worse on the newest purchases"}
      </dd>
      <dt>Tells</dt>
      <dd>{spec.tell?.length ? spec.tell.join(", ") : "All channels that hear about schedules"}</dd>
    </dl>
  );
}

function Actions({ schedule }: { schedule: Schedule }) {
  const client = useQueryClient();
  const show = (now: Schedule) => {
    client.setQueryData(schedules.query(schedule.id).queryKey, now);
    void client.invalidateQueries({ queryKey: [schedules.key, "list"] });
  };
  const { enabled } = schedule.spec;
  const runNow = useRequest({
    send: () => runSchedule(schedule.id),
    onSuccess: (now) => {
      show(now);
      succeeded("A run begins within a minute.");
    },
    onError: (fault) => failed("No run was begun.", fault),
  });
  const toggle = useRequest({
    send: () => (enabled ? pauseSchedule(schedule.id) : resumeSchedule(schedule.id)),
    onSuccess: show,
    onError: (fault) => failed(`The schedule was not ${enabled ? "paused" : "resumed"}.`, fault),
  });
  return (
    <>
      <DocumentActions resource={schedules} document={schedule} list="/in-use/schedules" />
      <Button variant="default" loading={toggle.sending} onClick={() => toggle.send()}>
        {enabled ? "Pause" : "Resume"}
      </Button>
      <Button loading={runNow.sending} disabled={underWay(schedule)} onClick={() => runNow.send()}>
        Run now
      </Button>
    </>
  );
}
