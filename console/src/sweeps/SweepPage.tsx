import { Button, Group, Menu, Skeleton } from "@mantine/core";
import { IconGitCompare, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import type { HeatmapRequest, Sweep } from "@/api/schema";
import { cancelSweep, sweepEnded, sweeps } from "@/api/sweeps";
import { useLive } from "@/api/useLive";
import { HeatmapView } from "@/compare/HeatmapView";
import { FileOwner } from "@/editing/FileOwner";
import { useDelete } from "@/editing/useDelete";
import { useRequest } from "@/editing/useRequest";
import { MarkMenu } from "@/marks/MarkMenu";
import { Marking } from "@/marks/Tags";
import { Bar } from "@/quick-tests/Bar";
import { ParallelOfTests } from "@/quick-tests/runs/ParallelView";
import { testState } from "@/quick-tests/stages";
import { dollars, estimateWords } from "@/results/words";
import { ConfirmButton } from "@/ui/Confirm";
import { duration, plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import { StatusBadge } from "@/ui/StatusBadge";
import { failed } from "@/ui/toast";
import { Ablation } from "./Ablation";
import { Curves } from "./Curves";
import classes from "./SweepPage.module.css";
import { SweepTests } from "./SweepTests";

export default function SweepPage() {
  const { id = "" } = useParams();
  const query = useLive(sweeps, id, sweepEnded);
  if (query.data) return <Opened key={query.data.id} sweep={query.data} />;
  return (
    <Page title="Sweep" parent={{ label: "Sweeps", to: "/sweeps" }} wide>
      <Loaded query={query} skeleton={<Skeleton height={320} radius="lg" />}>
        {() => null}
      </Loaded>
    </Page>
  );
}

function Opened({ sweep }: { sweep: Sweep }) {
  const { status, spec } = sweep;
  const { tone, label } = testState(status.state);
  const done = status.tests.filter(({ state }) => state === "completed");
  return (
    <Page
      title={sweep.name}
      parent={{ label: "Sweeps", to: "/sweeps" }}
      wide
      lead={
        <>
          <Group gap="0.25rem 1.125rem">
            <StatusBadge tone={tone}>{label}</StatusBadge>
            <span>
              {done.length} of {plural(status.tests.length, "test")} completed
            </span>
            {sweepEnded(sweep) ? (
              <span>
                {duration(status.duration_seconds)}, {dollars(status.cost_usd)}
              </span>
            ) : (
              status.estimate && <span>{estimateWords(status.estimate).likely} in total</span>
            )}
          </Group>
          <Marking run={sweep} />
        </>
      }
      actions={<Actions sweep={sweep} done={done.map((test) => test.quick_test_id)} />}
    >
      <FileOwner resource={sweeps} document={sweep} />
      {status.error && (
        <Notice tone="bad" title="The sweep failed.">
          {status.error}
        </Notice>
      )}
      {status.budget_spent && (
        <Notice tone="warning" title="The budget is spent.">
          Tests that had not started by then were cancelled.
        </Notice>
      )}
      {!sweepEnded(sweep) && (
        <div className={classes.progress}>
          <Bar value={status.progress} label="Progress of the sweep" />
        </div>
      )}
      {done.length > 1 && (
        <Section title={titleOf(spec)}>
          {spec.ablation ? (
            <Ablation tests={status.tests} />
          ) : spec.learning_curve ? (
            <Curves sweep={sweep} />
          ) : (
            <Grid ids={done.map((test) => test.quick_test_id)} />
          )}
        </Section>
      )}
      {done.length > 1 && !spec.ablation && !spec.learning_curve && (
        <Section
          title="Settings and results"
          lead="A line for each test, across the settings that differ."
        >
          <ParallelOfTests ids={done.map((test) => test.quick_test_id)} />
        </Section>
      )}
      <Section title="Tests">
        {status.tests.length ? <SweepTests tests={status.tests} /> : <Rows count={2} height={48} />}
      </Section>
    </Page>
  );
}

function titleOf({ ablation, learning_curve: curve }: Sweep["spec"]): string {
  if (ablation) return "What each column is worth";
  return curve ? "Whether more data or more epochs help" : "Which combination is best";
}

function Grid({ ids }: { ids: string[] }) {
  const [chosen, setChosen] = useState<Record<string, string | null>>({});
  const body: HeatmapRequest = {
    quick_test_ids: ids,
    dataset_id: null,
    metric: chosen.metric ?? null,
    rows: chosen.rows ?? null,
    columns: chosen.columns ?? null,
    group_of: chosen.group ?? null,
  };
  return (
    <HeatmapView
      body={body}
      change={(changes) => setChosen((before) => ({ ...before, ...changes }))}
    />
  );
}

function Actions({ sweep, done }: { sweep: Sweep; done: string[] }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const remove = useDelete(sweeps);
  const cancel = useRequest({
    send: () => cancelSweep(sweep.id),
    onSuccess: (now) => client.setQueryData(sweeps.query(sweep.id).queryKey, now),
    onError: (fault) => failed("The sweep was not cancelled.", fault),
  });
  return (
    <>
      {done.length > 1 && (
        <Button
          component={Link}
          to={`/compare?tests=${done.join(",")}`}
          variant="default"
          leftSection={<IconGitCompare size={16} />}
        >
          Compare them
        </Button>
      )}
      {!sweepEnded(sweep) && (
        <ConfirmButton
          label="Cancel the sweep"
          title="Cancel this sweep?"
          keep="Keep it running"
          loading={cancel.sending || sweep.status.cancel_requested}
          onConfirm={() => cancel.send()}
        >
          Running tests are cancelled, and no more are started. Tests that have completed keep their
          results.
        </ConfirmButton>
      )}
      <MarkMenu runs={sweeps} run={sweep} on="page">
        {sweepEnded(sweep) && (
          <Menu.Item
            color="red"
            leftSection={<IconTrash size={16} />}
            onClick={async () => {
              if (await remove(sweep)) await navigate("/sweeps");
            }}
          >
            Delete
          </Menu.Item>
        )}
      </MarkMenu>
    </>
  );
}
