import { ActionIcon, Anchor, Button, Group, Menu, Skeleton, TextInput } from "@mantine/core";
import { IconDots, IconRefresh, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { datasets, profileAgain } from "@/api/datasets";
import { messageOf, otherErrors } from "@/api/errors";
import type { Dataset, Problem } from "@/api/schema";
import { FileOwner } from "@/editing/FileOwner";
import { SaveDialogs } from "@/editing/SaveDialogs";
import { AFTER_SAVING, UnsavedGuard } from "@/editing/UnsavedGuard";
import { useDelete } from "@/editing/useDelete";
import { useRequest } from "@/editing/useRequest";
import { useSave } from "@/editing/useSave";
import { same } from "@/ui/diff";
import { ago, moment, plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import { StatusBadge } from "@/ui/StatusBadge";
import { failed, succeeded } from "@/ui/toast";
import { MappingTable } from "./MappingTable";
import { sourceText } from "./source";
import { datasetStatus } from "./status";

export default function DatasetPage() {
  const { id = "" } = useParams();
  const query = useQuery(datasets.query(id));
  if (query.data) return <Opened key={query.data.id} dataset={query.data} />;
  return (
    <Page title="Dataset" parent={{ label: "Datasets", to: "/datasets" }}>
      <Loaded
        query={query}
        skeleton={
          <>
            <Skeleton height={20} width={320} mb="xl" />
            <Rows count={8} height={44} />
          </>
        }
      >
        {() => null}
      </Loaded>
    </Page>
  );
}

function isWarning({ level }: Problem): boolean {
  return level === "warning";
}

interface Draft {
  /** The revision that the changes began with. */
  revision: number;
  name: string;
  mapping: Record<string, string>;
}

function Opened({ dataset }: { dataset: Dataset }) {
  const navigate = useNavigate();
  const remove = useDelete(datasets);
  const [draft, setDraft] = useState<Draft | null>(null);
  const now: Draft = draft ?? {
    revision: dataset.revision,
    name: dataset.name,
    mapping: dataset.spec.column_mapping,
  };
  const changed =
    draft !== null &&
    !(now.name === dataset.name && same(now.mapping, dataset.spec.column_mapping));
  const saving = useSave(datasets, {
    id: dataset.id,
    revision: now.revision,
    onSaved: (saved) => {
      setDraft(null);
      succeeded("Saved.");
      return saved.id === dataset.id ? undefined : navigate(datasets.path(saved.id), AFTER_SAVING);
    },
  });
  const change = (part: Partial<Draft>) => setDraft({ ...now, ...part });
  const client = useQueryClient();
  const profiling = useRequest({
    send: () => profileAgain(dataset.id),
    onSuccess: (pending) => client.setQueryData(datasets.query(dataset.id).queryKey, pending),
    onError: (fault) => failed("The data could not be profiled again.", fault),
  });
  const { tone, label } = datasetStatus(dataset);
  const { validation, columns, notes, row_count: rows, profiled_at } = dataset.status;
  const warnings = tone === "running" ? [] : validation.problems.filter(isWarning);
  const wrong = validation.problems.filter((problem) => !isWarning(problem));
  const sides = Object.entries(dataset.status.sides ?? {}).map(
    ([name, side]) => `Table of ${name}: ${side.told}.`,
  );
  const said = [...(dataset.status.rows?.told ?? []), ...sides, ...(notes ?? [])];
  const errors =
    tone === "running"
      ? saving.errors
      : {
          ...Object.fromEntries(changed ? [] : wrong.map(({ path, message }) => [path, message])),
          ...saving.errors,
        };

  return (
    <Page
      title={dataset.name}
      parent={{ label: "Datasets", to: "/datasets" }}
      wide
      lead={
        <Group gap="md">
          <StatusBadge tone={tone}>{label}</StatusBadge>
          {rows !== null && (
            <span className="num">
              {plural(rows ?? 0, "purchase")}, {plural(columns.length, "column")}
            </span>
          )}
          <span title={moment(profiled_at)}>profiled {ago(profiled_at)}</span>
        </Group>
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
                leftSection={<IconRefresh size={16} />}
                disabled={tone === "running" || profiling.sending}
                onClick={() => profiling.send()}
              >
                Profile again
              </Menu.Item>
              <Menu.Item
                color="red"
                leftSection={<IconTrash size={16} />}
                onClick={async () => {
                  if (await remove(dataset)) await navigate("/datasets");
                }}
              >
                Delete
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
          <Button
            component={Link}
            to={`/datasets/${dataset.id}/report`}
            variant="default"
            disabled={columns.length === 0}
          >
            Report
          </Button>
          <Button
            component={Link}
            to={`/features/new?dataset=${dataset.id}`}
            disabled={tone === "bad"}
          >
            New feature config
          </Button>
        </>
      }
    >
      <UnsavedGuard when={changed} />
      <SaveDialogs resource={datasets} saving={saving} />
      <FileOwner resource={datasets} document={dataset} />
      {warnings.map(({ path, code, message }) => (
        <div key={`${path} ${code}`} style={{ marginBottom: "1rem" }}>
          <Notice
            tone="warning"
            action={
              code === "stale_profile" && (
                <Button
                  variant="default"
                  loading={profiling.sending}
                  onClick={() => profiling.send()}
                >
                  Profile again
                </Button>
              )
            }
          >
            {message}
          </Notice>
        </div>
      ))}
      {otherErrors(errors, ["name", "spec.column_mapping"]).map((message) => (
        <div key={message} style={{ marginBottom: "1rem" }}>
          <Notice tone="bad">{message}</Notice>
        </div>
      ))}
      {said.length > 0 && (
        <div style={{ marginBottom: "1rem" }}>
          <Notice title="How this data was read">
            {said.map((note) => (
              <div key={note}>{note}</div>
            ))}
          </Notice>
        </div>
      )}
      <Section
        title="Columns"
        lead="The role of each column, and its statistics. Blue describes customers, green describes products."
        actions={
          changed && (
            <Group gap="xs">
              <Button variant="subtle" onClick={() => setDraft(null)}>
                Discard
              </Button>
              <Button
                loading={saving.saving}
                onClick={() =>
                  saving.save({
                    name: now.name.trim(),
                    description: dataset.description,
                    spec: { ...dataset.spec, column_mapping: now.mapping },
                  })
                }
              >
                Save changes
              </Button>
            </Group>
          )
        }
      >
        {columns.length === 0 && tone === "running" ? (
          <Rows count={8} height={44} />
        ) : (
          <MappingTable
            columns={columns}
            mapping={now.mapping}
            onChange={(mapping) => change({ mapping })}
            errors={errors}
            statistics
          />
        )}
      </Section>
      <Section title="Source">
        <TextInput
          label="Name"
          value={now.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
          error={errors.name}
          maw={420}
          mb="md"
          maxLength={255}
        />
        <TextInput
          label={dataset.spec.source.kind === "bigquery" ? "BigQuery table" : "Files"}
          value={sourceText(dataset.spec.source)}
          readOnly
          variant="filled"
          maw={640}
        />
        {saving.fault && (
          <div style={{ marginTop: "1rem" }}>
            <Notice tone="bad">{messageOf(saving.fault)}</Notice>
          </div>
        )}
        <p>
          <Anchor component={Link} to={`/features?dataset=${dataset.id}`}>
            Feature configs of this dataset
          </Anchor>
        </p>
      </Section>
    </Page>
  );
}
