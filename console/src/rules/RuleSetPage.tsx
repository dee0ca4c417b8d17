import { Anchor, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { datasets } from "@/api/datasets";
import { ruleSets } from "@/api/ruleSets";
import type { RuleSet } from "@/api/schema";
import { DocumentActions } from "@/editing/DocumentActions";
import classes from "@/editing/editor.module.css";
import { FileOwner } from "@/editing/FileOwner";
import { documentStatus } from "@/editing/status";
import { Versions } from "@/editing/Versions";
import { ago, moment } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { Said } from "@/ui/Said";
import { StatusBadge } from "@/ui/StatusBadge";
import { Preview } from "./Preview";
import { RulesInWords } from "./RulesInWords";
import { useTestsOf } from "./useTestsOf";

export default function RuleSetPage() {
  const { id = "" } = useParams();
  const query = useQuery(ruleSets.query(id));
  if (query.data) return <Opened key={query.data.id} ruleSet={query.data} />;
  return (
    <Page title="Rule set" parent={{ label: "Rule sets", to: "/in-use/rules" }} wide>
      <Loaded query={query} skeleton={<Rows count={4} height={72} />}>
        {() => null}
      </Loaded>
    </Page>
  );
}

function Opened({ ruleSet }: { ruleSet: RuleSet }) {
  const { spec, status } = ruleSet;
  const { tone, label } = documentStatus(ruleSet);
  const dataset = useQuery(datasets.query(spec.dataset_id)).data;
  const tests = useTestsOf(spec.dataset_id);
  const behind = tone === "bad" && status.published_revision > 0;
  return (
    <Page
      title={ruleSet.name}
      parent={{ label: "Rule sets", to: "/in-use/rules" }}
      wide
      lead={
        <>
          {ruleSet.description}
          <Group gap="0.25rem 1.125rem">
            <StatusBadge tone={tone}>{label}</StatusBadge>
            <span>version {ruleSet.revision}</span>
            <span>
              over{" "}
              <Anchor component={Link} to={datasets.path(spec.dataset_id)} inherit>
                {dataset?.name ?? "its dataset"}
              </Anchor>
            </span>
            <span title={moment(ruleSet.updated_at)}>changed {ago(ruleSet.updated_at)}</span>
          </Group>
        </>
      }
      actions={
        <DocumentActions
          resource={ruleSets}
          document={ruleSet}
          list="/in-use/rules"
          clone={`/in-use/rules/new?clone=${ruleSet.id}`}
        />
      }
    >
      <FileOwner resource={ruleSets} document={ruleSet} />
      {behind && (
        <Notice tone="warning">
          Requests are answered under version {status.published_revision} until these rules are
          valid.
        </Notice>
      )}
      {tone !== "running" && <Said problems={status.validation.problems} />}
      <section className={classes.shown} aria-label="The rules">
        <RulesInWords spec={spec} id={ruleSet.id} test={tests[0]} />
        <p className={classes.figure}>
          A request gives them as <code>{JSON.stringify({ rule_set: ruleSet.name })}</code>. To see
          what they cost, name them in a{" "}
          <Anchor component={Link} to="/tests/new" inherit>
            quick test
          </Anchor>
          .
        </p>
      </section>
      <Preview rules={spec.rules} tests={tests} />
      <Versions resource={ruleSets} document={ruleSet} />
    </Page>
  );
}
