import { Button, Group, Skeleton } from "@mantine/core";
import { IconAdjustments } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { cancelQuickTest, ended, quickTests } from "@/api/quickTests";
import type { QuickTest } from "@/api/schema";
import { useLive } from "@/api/useLive";
import { useRequest } from "@/editing/useRequest";
import { Marking } from "@/marks/Tags";
import { dollars, epochWords, sampleWords } from "@/results/words";
import { ConfirmButton } from "@/ui/Confirm";
import { ago, duration, moment } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { StatusBadge } from "@/ui/StatusBadge";
import { failed } from "@/ui/toast";
import { Ended } from "./Ended";
import { FullTrainingButton } from "./FullTraining";
import { LearningCurveButton } from "./LearningCurve";
import { More } from "./More";
import { Progress } from "./Progress";
import { Results } from "./Results";
import { testState } from "./stages";
import { TrackedRun } from "./TrackedRun";

export default function QuickTestPage() {
  const { id = "" } = useParams();
  const query = useLive(quickTests, id, ended);
  if (query.data) return <Opened key={query.data.id} test={query.data} />;
  return (
    <Page title="Quick test" parent={{ label: "Quick tests", to: "/tests" }} wide>
      <Loaded
        query={query}
        skeleton={
          <>
            <Skeleton height={140} mb="xl" radius="lg" />
            <Rows count={4} />
          </>
        }
      >
        {() => null}
      </Loaded>
    </Page>
  );
}

function Opened({ test }: { test: QuickTest }) {
  const { spec, status } = test;
  const over = ended(test);
  const again = (
    <Button
      component={Link}
      to={`/tests/new?from=${test.id}`}
      variant="default"
      leftSection={<IconAdjustments size={16} />}
    >
      Change and test again
    </Button>
  );
  return (
    <Page
      title={test.name}
      parent={parentOf(spec)}
      wide
      lead={<Lead test={test} />}
      actions={
        over ? (
          <>
            <More test={test} />
            {again}
            {status.state === "completed" && <LearningCurveButton test={test} />}
            {status.state === "completed" && spec.purpose === "quick_test" && (
              <FullTrainingButton test={test} />
            )}
          </>
        ) : (
          <Cancel test={test} />
        )
      }
    >
      {status.state === "completed" && status.results ? (
        <Results test={test} results={status.results} />
      ) : over ? (
        <Ended test={test} />
      ) : (
        <Progress test={test} />
      )}
    </Page>
  );
}

function parentOf({ sweep_id, tuning_id }: QuickTest["spec"]): { label: string; to: string } {
  if (sweep_id) return { label: "Its sweep", to: `/sweeps/${sweep_id}` };
  if (tuning_id) return { label: "Its tuning", to: `/tunings/${tuning_id}` };
  return { label: "Quick tests", to: "/tests" };
}

function Lead({ test }: { test: QuickTest }) {
  const { spec, status } = test;
  const { tone, label } = testState(status.state);
  return (
    <>
      <Group gap="0.25rem 1.125rem">
        <StatusBadge tone={tone}>
          {spec.purpose === "full_training" ? `Full training: ${label.toLowerCase()}` : label}
        </StatusBadge>
        <span>
          {sampleWords(spec)}, {epochWords(test)}
        </span>
        {ended(test) && (
          <>
            <span className="num">
              {duration(status.duration_seconds)}, {dollars(status.cost_usd)}
            </span>
            <span title={moment(status.ended_at)}>{ago(status.ended_at)}</span>
            <TrackedRun test={test} />
          </>
        )}
      </Group>
      <Marking run={test} />
    </>
  );
}

function Cancel({ test }: { test: QuickTest }) {
  const client = useQueryClient();
  const cancel = useRequest({
    send: () => cancelQuickTest(test.id),
    onSuccess: (now) => client.setQueryData(quickTests.query(test.id).queryKey, now),
    onError: (fault) => failed("The test was not cancelled.", fault),
  });
  return (
    <ConfirmButton
      label="Cancel the test"
      title="Cancel this test?"
      keep="Keep it running"
      loading={cancel.sending}
      onConfirm={() => cancel.send()}
    >
      What it has done so far is lost: a cancelled test has no results and cannot be resumed.
    </ConfirmButton>
  );
}
