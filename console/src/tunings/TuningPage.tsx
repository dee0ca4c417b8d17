import { Button, Group, Menu, Skeleton } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "react-router";
import type { Tuning } from "@/api/schema";
import { cancelTuning, stopTuning, tuningEnded, tunings } from "@/api/tunings";
import { useLive } from "@/api/useLive";
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
import { Best } from "./Best";
import { Confirming } from "./Confirming";
import { Importance } from "./Importance";
import { Space } from "./Space";
import { Trials } from "./Trials";
import classes from "./TuningPage.module.css";

export default function TuningPage() {
  const { id = "" } = useParams();
  const query = useLive(tunings, id, tuningEnded);
  if (query.data) return <Opened key={query.data.id} tuning={query.data} />;
  return (
    <Page title="Tuning" parent={{ label: "Tuning", to: "/tunings" }} wide>
      <Loaded query={query} skeleton={<Skeleton height={320} radius="lg" />}>
        {() => null}
      </Loaded>
    </Page>
  );
}

function Opened({ tuning }: { tuning: Tuning }) {
  const { status, spec } = tuning;
  const { tone, label } = testState(status.state);
  const tried = status.trials
    .filter(({ value }) => value !== null)
    .map(({ quick_test_id }) => quick_test_id);
  return (
    <Page
      title={tuning.name}
      parent={{ label: "Tuning", to: "/tunings" }}
      wide
      lead={
        <>
          <Group gap="0.25rem 1.125rem">
            <StatusBadge tone={tone}>{label}</StatusBadge>
            <span>
              {status.trials.length} of {plural(spec.trials, "trial")}
            </span>
            {tuningEnded(tuning) ? (
              <span>
                {duration(status.duration_seconds)}, {dollars(status.cost_usd)}
              </span>
            ) : (
              status.estimate && <span>{estimateWords(status.estimate).likely} in total</span>
            )}
          </Group>
          <Marking run={tuning} />
        </>
      }
      actions={<Actions tuning={tuning} />}
    >
      <FileOwner resource={tunings} document={tuning} />
      {status.error && (
        <Notice tone="bad" title="The tuning failed.">
          {status.error}
        </Notice>
      )}
      {!tuningEnded(tuning) && (
        <div className={classes.progress}>
          <Bar value={status.progress} label="Progress of the tuning" />
        </div>
      )}
      <Best tuning={tuning} />
      {status.confirming.length > 0 && (
        <Section
          title="Compared on the test slice"
          lead="With three training seeds each, on purchases that no trial has seen."
        >
          <Confirming status={status} />
        </Section>
      )}
      <Section
        title="Trials"
        lead="Best first, by the validation slice. Each trial learns from those before it."
      >
        {status.trials.length ? <Trials status={status} /> : <Rows count={2} height={48} />}
        {status.why_no_more && tuningEnded(tuning) && (
          <p className={classes.quiet}>The search ended because {status.why_no_more}.</p>
        )}
        {status.refusals[0] && (
          <p className={classes.quiet}>
            {plural(status.refused, "set")} of settings could not be trained and cost nothing. The
            first: {status.refusals[0].reason}
          </p>
        )}
      </Section>
      {tried.length > 1 && (
        <Section
          title="Settings and results"
          lead="A line for each trial, across the settings that were searched."
        >
          <ParallelOfTests ids={tried} />
        </Section>
      )}
      {Object.keys(status.importance).length > 0 && (
        <Section
          title="What matters"
          lead="How much each setting sets the best trials apart from the others. With few trials, a rough guide."
        >
          <Importance shares={status.importance} />
        </Section>
      )}
      {status.space.length > 0 && (
        <Section title="What is searched">
          <Space space={status.space} />
        </Section>
      )}
    </Page>
  );
}

function Actions({ tuning }: { tuning: Tuning }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const remove = useDelete(tunings);
  const show = (now: Tuning) => client.setQueryData(tunings.query(tuning.id).queryKey, now);
  const stop = useRequest({
    send: () => stopTuning(tuning.id),
    onSuccess: show,
    onError: (fault) => failed("The tuning was not stopped.", fault),
  });
  const cancel = useRequest({
    send: () => cancelTuning(tuning.id),
    onSuccess: show,
    onError: (fault) => failed("The tuning was not cancelled.", fault),
  });
  const { status, spec } = tuning;
  const configs = `features=${spec.feature_config_id}&model=${spec.model_config_id}`;
  if (tuningEnded(tuning)) {
    return (
      <>
        <Button component={Link} to={`/tunings/new?${configs}`} variant="default">
          Tune again
        </Button>
        <MarkMenu runs={tunings} run={tuning} on="page">
          <Menu.Item
            color="red"
            leftSection={<IconTrash size={16} />}
            onClick={async () => {
              if (await remove(tuning)) await navigate("/tunings");
            }}
          >
            Delete
          </Menu.Item>
        </MarkMenu>
      </>
    );
  }
  return (
    <>
      <ConfirmButton
        label="Cancel the tuning"
        title="Cancel this tuning?"
        keep="Keep it running"
        loading={cancel.sending || status.cancel_requested}
        onConfirm={() => cancel.send()}
      >
        Running tests are cancelled, and there is no verdict. Trials that have completed keep their
        results.
      </ConfirmButton>
      {status.why_no_more === null && (
        <ConfirmButton
          label="Stop searching"
          title="Stop searching?"
          keep="Keep searching"
          loading={stop.sending || status.stop_requested}
          onConfirm={() => stop.send()}
        >
          No more trials are started. The best so far is compared with the default.
        </ConfirmButton>
      )}
      <MarkMenu runs={tunings} run={tuning} on="page" />
    </>
  );
}
