import { Anchor, Button, Group } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { endExperiment } from "@/api/experiments";
import { quickTests } from "@/api/quickTests";
import { registeredModels } from "@/api/registeredModels";
import type { Experiment, ExperimentResult, RegisteredModel } from "@/api/schema";
import { useRequest } from "@/editing/useRequest";
import { ConfirmButton } from "@/ui/Confirm";
import { moment, percentage } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import { StatusBadge } from "@/ui/StatusBadge";
import table from "@/ui/table.module.css";
import { failed } from "@/ui/toast";
import { Wide } from "@/ui/Wide";
import { experimentState, isBeginning, versionsWords } from "./experiments";
import { MeasureForm } from "./MeasureForm";
import { Result } from "./Result";
import { SizeForm } from "./SizeForm";

const PARENT = { label: "Experiments", to: "/in-use/experiments" };

/** `/in-use/experiments/MODEL/ID`; without an id, the one that runs, or else the last one. */
export default function ExperimentPage() {
  const { model: modelId = "", id } = useParams();
  const query = useQuery(registeredModels.query(modelId));
  const model = query.data;
  const { experiment: running, ended_experiments: ended = [] } = model?.status ?? {};
  const all = [running ?? [], ended].flat();
  const beginning = model !== undefined && isBeginning(model);
  const experiment = id ? all.find((one) => one.id === id) : beginning ? undefined : all[0];
  if (model && experiment) {
    return <Opened key={experiment.id} model={model} experiment={experiment} />;
  }
  const problems = model?.status.validation.problems ?? [];
  return (
    <Page title="Experiment" parent={PARENT} wide>
      <Loaded query={query} skeleton={<Rows count={3} height={96} />}>
        {() =>
          beginning ? (
            <Notice title="The experiment begins.">Servers follow within seconds.</Notice>
          ) : problems.length > 0 ? (
            problems.map(({ path, message }) => (
              <Notice key={path} tone="bad" title="The experiment was refused.">
                {message}
              </Notice>
            ))
          ) : (
            <Notice tone="bad">There is no such experiment.</Notice>
          )
        }
      </Loaded>
    </Page>
  );
}

function Opened({ model, experiment }: { model: RegisteredModel; experiment: Experiment }) {
  const [result, setResult] = useState<ExperimentResult | null>(null);
  const { tone, label } = experimentState(experiment);
  const other = experiment.versions[1]?.share_percent ?? 50;
  return (
    <Page
      title={versionsWords(experiment.versions)}
      parent={PARENT}
      wide
      lead={
        <Group gap="0.25rem 1.125rem">
          <StatusBadge tone={tone}>{label}</StatusBadge>
          <span>
            of{" "}
            <Anchor component={Link} to={registeredModels.path(model.id)} inherit>
              {model.name}
            </Anchor>
          </span>
          <span>
            begun {moment(experiment.began_at)}
            {experiment.began_by && ` by ${experiment.began_by}`}
          </span>
          {experiment.ended_at && (
            <span>
              ended {moment(experiment.ended_at)}
              {experiment.ended_by && ` by ${experiment.ended_by}`}
            </span>
          )}
        </Group>
      }
      actions={<Actions model={model} experiment={experiment} />}
    >
      <Section title="Versions">
        <Wide label="Versions of the experiment">
          <table className={table.table}>
            <thead>
              <tr>
                <th scope="col">Version</th>
                <th scope="col" className={table.number}>
                  Share of customers
                </th>
                <th scope="col">Full training</th>
              </tr>
            </thead>
            <tbody>
              {experiment.versions.map(({ version, share_percent, quick_test_id }, place) => (
                <tr key={version}>
                  <th scope="row">
                    {version}
                    {place === 0 && ", the control"}
                  </th>
                  <td className={table.number}>{percentage(share_percent)}</td>
                  <td>
                    <Anchor component={Link} to={quickTests.path(quick_test_id)} inherit>
                      {quick_test_id}
                    </Anchor>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      </Section>
      <Section
        title="What it has shown"
        lead="From two tables on the machine that Recsmith runs on: the log of what was shown, and what customers bought. Nothing of them is kept."
      >
        <MeasureForm model={model} experiment={experiment} onResult={setResult} />
        {result && <Result result={result} experiment={experiment} />}
      </Section>
      <Section
        title="How many customers it takes"
        lead={result?.customers_per_day ? "Of whom the log has so many new ones a day." : undefined}
      >
        <SizeForm share={other} perDay={result?.customers_per_day} />
      </Section>
    </Page>
  );
}

function Actions({ model, experiment }: { model: RegisteredModel; experiment: Experiment }) {
  const client = useQueryClient();
  const end = useRequest({
    send: () => endExperiment(model.id),
    onSuccess: (now) => {
      client.setQueryData(registeredModels.query(model.id).queryKey, now);
      void client.invalidateQueries({ queryKey: [registeredModels.key, "list"] });
    },
    onError: (fault) => failed("The experiment was not ended.", fault),
  });
  if (experiment.ended_at) {
    return (
      <Button component={Link} to={`/in-use/experiments/new?model=${model.id}`} variant="default">
        Another experiment
      </Button>
    );
  }
  return (
    <ConfirmButton
      label="End the experiment"
      title="End this experiment?"
      keep="Keep it running"
      loading={end.sending || model.spec.experiment === null}
      onConfirm={() => end.send()}
    >
      Version {experiment.versions[0]?.version}, the one in production, answers everybody again. It
      can be measured afterwards, too. Another version comes into production by a promotion.
    </ConfirmButton>
  );
}
