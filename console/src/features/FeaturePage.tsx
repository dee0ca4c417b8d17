import { ActionIcon, Anchor, Button, Group, Menu } from "@mantine/core";
import {
  IconArchive,
  IconArchiveOff,
  IconCopy,
  IconDots,
  IconPencil,
  IconTrash,
} from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "react-router";
import { answer, api } from "@/api/client";
import { datasets } from "@/api/datasets";
import { featureConfigs } from "@/api/featureConfigs";
import { testsOfQuery } from "@/api/quickTests";
import type { DescribedTower, FeatureConfig } from "@/api/schema";
import { FileOwner } from "@/editing/FileOwner";
import { ProblemNotice } from "@/editing/ProblemNotice";
import { useDelete } from "@/editing/useDelete";
import { useRequest } from "@/editing/useRequest";
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
import { useDescribed } from "./described";
import classes from "./FeaturePage.module.css";
import { SampleVectors } from "./SampleVectors";
import { inBothTowers, otherTower, TOWERS, type Tower } from "./spec";
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
  const { described } = useDescribed(config.spec);
  const both = inBothTowers(config.status.validation.problems);
  const archiving = useRequest({
    send: () => {
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
      succeeded(archived ? "Unarchived." : "Archived. Lists no longer show it.");
    },
    onError: (fault) =>
      failed(`“${config.name}” was not ${archived ? "unarchived" : "archived"}.`, fault),
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
                onClick={() => archiving.send()}
              >
                {archived ? "Unarchive" : "Archive"}
              </Menu.Item>
              <Menu.Item
                color="red"
                leftSection={<IconTrash size={16} />}
                onClick={async () => {
                  if (await remove(config)) await navigate("/features");
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
      <FileOwner resource={featureConfigs} document={config} />
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
      <Section title="Towers" lead="The features of each tower, and how they are transformed.">
        <div className={classes.towers}>
          {TOWERS.map((tower) => (
            <TowerView key={tower} tower={tower} described={described?.[tower]} both={both} />
          ))}
        </div>
      </Section>
      <TensorPreview described={described} samples={<SampleVectors configId={config.id} />} />
      <Tests config={config} />
      <Versions resource={featureConfigs} document={config} />
    </Page>
  );
}

interface TowerProps {
  tower: Tower;
  described: DescribedTower | undefined;
  both: ReadonlySet<string>;
}

function TowerView({ tower, described, both }: TowerProps) {
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
        <span className={classes.dim}>{described && `${described.tensor.total}D`}</span>
      </div>
      <ul className={classes.features}>
        {described?.features.map(({ column, words, dim }) => (
          <li key={column}>
            <span className={classes.column}>{column}</span>
            <span className={classes.lines}>
              {words}
              {both.has(column) && (
                <StatusBadge tone="warning">
                  Also in {MEANINGS[otherTower(tower)].label}
                </StatusBadge>
              )}
            </span>
            <span className={classes.dim}>{dim}D</span>
          </li>
        ))}
        {described?.crosses.map(({ name, words, dim }) => (
          <li key={name}>
            <span className={classes.column}>{name}</span>
            <span className={classes.lines}>Cross, {words}</span>
            <span className={classes.dim}>{dim}D</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Tests({ config }: { config: FeatureConfig }) {
  const tests = useQuery(testsOfQuery({ feature_config_id: config.id })).data;
  if (!tests?.items.length) return null;
  return (
    <Section title="Quick tests" lead="Tests of these features, latest first.">
      <TestsTable
        tests={tests.items}
        all={tests.next_page_token && `/tests?features=${config.id}`}
        of="features"
      />
    </Section>
  );
}
