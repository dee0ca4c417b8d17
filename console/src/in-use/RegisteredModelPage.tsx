import { Group, Skeleton } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "react-router";
import { registeredModels, registeredVersionsQuery, rollBackModel } from "@/api/registeredModels";
import type { RegisteredModel } from "@/api/schema";
import { useRequest } from "@/editing/useRequest";
import { ConfirmButton } from "@/ui/Confirm";
import { plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import { StatusBadge } from "@/ui/StatusBadge";
import { failed } from "@/ui/toast";
import { Audit } from "./Audit";
import { UseThisModel } from "./UseThisModel";
import { Versions } from "./Versions";

export default function RegisteredModelPage() {
  const { id = "" } = useParams();
  const query = useQuery(registeredModels.query(id));
  if (query.data) return <Opened key={query.data.id} model={query.data} />;
  return (
    <Page title="Model" parent={{ label: "In use", to: "/in-use" }} wide>
      <Loaded query={query} skeleton={<Skeleton height={320} radius="lg" />}>
        {() => null}
      </Loaded>
    </Page>
  );
}

function Opened({ model }: { model: RegisteredModel }) {
  const { status } = model;
  const { production } = status.aliases;
  const versions = useQuery(registeredVersionsQuery(model.id, status.versions));
  return (
    <Page
      title={model.name}
      parent={{ label: "In use", to: "/in-use" }}
      wide
      lead={
        <Group gap="0.25rem 1.125rem">
          <StatusBadge tone={production ? "good" : "quiet"}>
            {production ? `Version ${production.version} in production` : "None in production"}
          </StatusBadge>
          <span>{plural(status.versions, "version")}</span>
        </Group>
      }
      actions={<RollBack model={model} />}
    >
      {status.validation.problems.map(({ path, message }) => (
        <Notice key={path} tone="bad" title="The last promotion was refused.">
          {message}
        </Notice>
      ))}
      <Section
        title="Versions"
        lead="Every full training under this name. A version that is not worse on the same held-out purchases may be promoted; any other needs a reason."
      >
        <Loaded query={versions} skeleton={<Rows count={2} height={48} />}>
          {(all) => <Versions model={model} versions={all} />}
        </Loaded>
      </Section>
      {production && <UseThisModel quickTestId={production.quick_test_id} />}
      {status.audit.length > 0 && (
        <Section title="Promotions" lead="Latest first: who, when, and why.">
          <Audit lines={status.audit} />
        </Section>
      )}
    </Page>
  );
}

function RollBack({ model }: { model: RegisteredModel }) {
  const client = useQueryClient();
  const back = useRequest({
    send: () => rollBackModel(model.id),
    onSuccess: (now) => client.setQueryData(registeredModels.query(model.id).queryKey, now.model),
    onError: (fault) => failed("The model was not rolled back.", fault),
  });
  const { aliases, rolls_back_to: before } = model.status;
  const { production } = aliases;
  if (before === null || !production) return null;
  return (
    <ConfirmButton
      label={`Roll back to version ${before}`}
      title="Roll back?"
      keep={`Keep version ${production.version}`}
      loading={back.sending}
      onConfirm={() => back.send()}
    >
      Servers load version {before} in place of version {production.version}, without dropping a
      request. To have version {production.version} again, promote it.
    </ConfirmButton>
  );
}
