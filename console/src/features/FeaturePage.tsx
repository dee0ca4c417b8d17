import { ActionIcon, Anchor, Button, Group, Menu } from "@mantine/core";
import {
  IconArchive,
  IconArchiveOff,
  IconCopy,
  IconDots,
  IconPencil,
  IconTrash,
} from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "react-router";
import { answer, api } from "@/api/client";
import { datasets } from "@/api/datasets";
import { featureConfigs } from "@/api/featureConfigs";
import { quickTests } from "@/api/quickTests";
import type { FeatureConfig } from "@/api/schema";
import { ProblemNotice } from "@/editing/ProblemNotice";
import { useDelete } from "@/editing/useDelete";
import { Versions } from "@/editing/Versions";
import { TestsTable } from "@/quick-tests/TestsTable";
import { MEANINGS, meaningVariables } from "@/theme/meaning";
import { ago } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import { StatusBadge } from "@/ui/StatusBadge";
import { failed, succeeded } from "@/ui/toast";
import classes from "./FeaturePage.module.css";
import { SampleVectors } from "./SampleVectors";
import {
  crossesField,
  crossName,
  featureLines,
  featureParts,
  featuresField,
  inBothTowers,
  otherTower,
  TOWERS,
  type Tower,
  towerParts,
  width,
} from "./spec";
import { configStatus } from "./status";
import { TensorPreview } from "./TensorPreview";

export default function FeaturePage() {
  const { id = "" } = useParams();
  const query = useQuery(featureConfigs.query(id));
  if (query.data) return <Opened key={query.data.id} config={query.data} />;
  return (
    <Page title="Feature config" parent={{ label: "Features", to: "/features" }}>
      <Loaded query={query} skeleton={<Rows count={6} height={64} />}>
        {() => null}
      </Loaded>
    </Page>
  );
}

function Opened({ config }: { config: FeatureConfig }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const remove = useDelete(featureConfigs);
  const dataset = useQuery(datasets.query(config.spec.dataset_id));
  const { tone, label } = configStatus(config);
  const archived = config.status.lifecycle === "archived";
  const archiving = useMutation({
    mutationFn: () => {
      const params = { params: { path: { feature_config_id: config.id } } };
      return answer(
        archived
          ? api.POST("/api/feature-configs/{feature_config_id}/unarchive/", params)
          : api.POST("/api/feature-configs/{feature_config_id}/archive/", params),
      );
    },
    onSuccess: (changed) => {
      client.setQueryData(featureConfigs.query(config.id).queryKey, changed);
      void client.invalidateQueries({ queryKey: ["feature-configs", "list"] });
      succeeded(archived ? "It is back in the list." : "Archived: lists no longer show it.");
    },
    onError: (fault) => failed("That did not work.", fault),
  });

  return (
    <Page
      title={config.name}
      parent={{ label: "Features", to: "/features" }}
      lead={
        <>
          {config.description && <div>{config.description}</div>}
          <Group gap="md" mt={4}>
            <StatusBadge tone={tone}>{label}</StatusBadge>
            <span>version {config.revision}</span>
            <span>
              of{" "}
              <Anchor component={Link} to={datasets.path(config.spec.dataset_id)} inherit>
                {dataset.data?.name ?? "its dataset"}
              </Anchor>
            </span>
            <span>changed {ago(config.updated_at)}</span>
          </Group>
        </>
      }
      actions={
        <>
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon variant="default" size={36} aria-label="More actions">
                <IconDots size={18} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item
                leftSection={<IconCopy size={16} />}
                component={Link}
                to={`/features/new?clone=${config.id}`}
              >
                Clone
              </Menu.Item>
              <Menu.Item
                leftSection={archived ? <IconArchiveOff size={16} /> : <IconArchive size={16} />}
                onClick={() => archiving.mutate()}
              >
                {archived ? "Bring back" : "Archive"}
              </Menu.Item>
              <Menu.Item
                color="red"
                leftSection={<IconTrash size={16} />}
                onClick={() => {
                  remove(config);
                  void navigate("/features");
                }}
              >
                Delete
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
          <Button
            component={Link}
            to={`/features/${config.id}/edit`}
            variant="default"
            leftSection={<IconPencil size={16} />}
          >
            Edit
          </Button>
          <Button component={Link} to={`/tests/new?features=${config.id}`}>
            Run a quick test
          </Button>
        </>
      }
    >
      {config.status.validation.revision === config.revision &&
        config.status.validation.problems.length > 0 && (
          <div className={classes.notices}>
            {config.status.validation.problems.map((problem) => (
              <ProblemNotice
                key={problem.code + problem.path}
                problem={problem}
                path={featureConfigs.path}
              />
            ))}
          </div>
        )}
      <Section title="Towers" lead="The columns that each tower gets, and what they become.">
        <div className={classes.towers}>
          {TOWERS.map((tower) => (
            <TowerView key={tower} tower={tower} config={config} />
          ))}
        </div>
      </Section>
      <TensorPreview spec={config.spec} samples={<SampleVectors configId={config.id} />} />
      <Tests config={config} />
      <Versions resource={featureConfigs} document={config} />
    </Page>
  );
}

function TowerView({ tower, config }: { tower: Tower; config: FeatureConfig }) {
  const { spec } = config;
  const both = inBothTowers(spec);
  return (
    <section
      className={classes.tower}
      style={meaningVariables(tower)}
      aria-label={`${MEANINGS[tower].label} tower`}
    >
      <div className={classes.head}>
        <span className={classes.towerName}>
          {MEANINGS[tower].label} tower <span>{MEANINGS[tower].term}</span>
        </span>
        <span className={classes.dim}>{width(towerParts(spec, tower))}D</span>
      </div>
      <ul className={classes.features}>
        {spec[featuresField(tower)].map((feature) => (
          <li key={feature.column}>
            <span className={classes.column}>{feature.column}</span>
            <span className={classes.lines}>
              {featureLines(feature).join(" · ")}
              {both.has(feature.column) && (
                <StatusBadge tone="warning">
                  Also in {MEANINGS[otherTower(tower)].label}
                </StatusBadge>
              )}
            </span>
            <span className={classes.dim}>{width(featureParts(feature))}D</span>
          </li>
        ))}
        {spec[crossesField(tower)].map((cross) => (
          <li key={crossName(cross)}>
            <span className={classes.column}>{crossName(cross)}</span>
            <span className={classes.lines}>Cross, hashed into {cross.hash_bucket_size}</span>
            <span className={classes.dim}>{cross.embedding_dim}D</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Tests({ config }: { config: FeatureConfig }) {
  const all = useQuery(quickTests.listQuery);
  const tests = all.data?.filter(({ spec }) => spec.feature_config_id === config.id) ?? [];
  if (tests.length === 0) return null;
  return (
    <Section title="Quick tests" lead="What came of it, latest first.">
      <TestsTable tests={tests} of="features" />
    </Section>
  );
}
