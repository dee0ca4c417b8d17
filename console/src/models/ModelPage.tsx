import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Link, useParams } from "react-router";
import { modelConfigs } from "@/api/modelConfigs";
import type { ModelConfig } from "@/api/schema";
import { DocumentActions } from "@/editing/DocumentActions";
import { FileOwner } from "@/editing/FileOwner";
import { documentStatus } from "@/editing/status";
import { Versions } from "@/editing/Versions";
import { ago, moment } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { Said } from "@/ui/Said";
import { Section } from "@/ui/Section";
import { StatusBadge } from "@/ui/StatusBadge";
import architecture from "./ArchitectureStep.module.css";
import { draftOf } from "./draft";
import { LayerTable } from "./LayerTable";
import editor from "./ModelEditor.module.css";
import classes from "./ModelPage.module.css";
import { OtherProblems } from "./OtherProblems";
import { elsewhere } from "./problems";
import { SizePanel } from "./SizePanel";
import { StackView } from "./StackView";
import { Tests } from "./Tests";
import { TrainingFacts } from "./TrainingFacts";
import { TypeBadge } from "./TypeBadge";
import { rates } from "./types";
import { useFeatureChoice } from "./useFeatureChoice";
import { useTrial } from "./useTrial";

export default function ModelPage() {
  const { id = "" } = useParams();
  const query = useQuery(modelConfigs.query(id));
  if (query.data) return <Opened key={query.data.id} model={query.data} />;
  return (
    <Page title="Model" parent={{ label: "Models", to: "/models" }} wide>
      <Loaded query={query} skeleton={<Rows count={6} height={72} />}>
        {() => null}
      </Loaded>
    </Page>
  );
}

function Opened({ model }: { model: ModelConfig }) {
  const { spec, status } = model;
  const choice = useFeatureChoice();
  const draft = useMemo(() => draftOf(model), [model]);
  const trial = useTrial(draft, model.id, choice.chosen);
  const { tone, label } = documentStatus(model);
  const problems = tone === "running" ? [] : status.validation.problems;
  const { parameters } = trial;
  return (
    <Page
      title={model.name}
      parent={{ label: "Models", to: "/models" }}
      wide
      lead={
        <>
          {model.description}
          <Group gap="md" mt={6}>
            <TypeBadge type={spec.model_type} />
            {spec.reranker && <span>re-ranked</span>}
            <StatusBadge tone={tone}>{label}</StatusBadge>
            <span>version {model.revision}</span>
            <span title={moment(model.updated_at)}>changed {ago(model.updated_at)}</span>
          </Group>
        </>
      }
      actions={<Actions model={model} />}
    >
      <FileOwner resource={modelConfigs} document={model} />
      <OtherProblems problems={problems} />
      <Said problems={problems.filter((problem) => !elsewhere(problems).includes(problem))} />
      <div className={editor.content}>
        <div className={editor.main}>
          <Section title="Towers">
            <div className={architecture.towers}>
              <StackView
                part="buyer"
                layers={spec.buyer_tower_layers}
                parameters={parameters?.buyer_tower}
                input="Customer features"
              />
              <StackView
                part="product"
                layers={spec.product_tower_layers}
                parameters={parameters?.product_tower}
                input="Product features"
              />
            </div>
            {spec.share_tower_weights && (
              <p className={classes.note}>Both towers share their weights.</p>
            )}
          </Section>
          {rates(spec) && (
            <Section title="Rating head">
              <div className={architecture.head}>
                <StackView
                  part="rating"
                  layers={spec.rating_head_layers}
                  parameters={parameters?.rating_head}
                  input="Both embeddings, concatenated"
                />
              </div>
            </Section>
          )}
          <TrainingFacts spec={spec} />
        </div>
        <aside className={editor.aside} aria-label="Size">
          <SizePanel spec={spec} parameters={parameters} stale={trial.stale} choice={choice} />
        </aside>
      </div>
      <LayerTable parameters={parameters} stale={trial.stale} />
      <div className={classes.below}>
        <Tests model={model} />
        <Versions resource={modelConfigs} document={model} />
      </div>
    </Page>
  );
}

function Actions({ model }: { model: ModelConfig }) {
  return (
    <>
      <DocumentActions
        resource={modelConfigs}
        document={model}
        list="/models"
        clone={`/models/new?clone=${model.id}`}
      />
      <Button component={Link} to={`/tests/new?model=${model.id}`}>
        Run a quick test
      </Button>
    </>
  );
}
