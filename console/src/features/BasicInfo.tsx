import { Radio, Select, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { featureConfigs } from "@/api/featureConfigs";
import type { Dataset } from "@/api/schema";
import { ago, plural } from "@/ui/format";
import { Notice } from "@/ui/Notice";
import classes from "./BasicInfo.module.css";
import type { Draft, Start } from "./draft";

interface Props {
  draft: Draft;
  onChange: (draft: Draft) => void;
  /** What a new config starts from; undefined where one is edited. */
  start: Start | undefined;
  onStart: (start: Start) => void;
  /** Going on would replace what has been built. */
  replaces: boolean;
  datasets: Dataset[] | undefined;
  errors: Record<string, string>;
}

const STARTS = [
  {
    kind: "smart",
    label: "Smart defaults",
    hint: "Chosen by what the columns mean and contain. A good first test.",
  },
  { kind: "blank", label: "Blank", hint: "Choose every column yourself." },
  { kind: "clone", label: "Clone", hint: "A copy of an existing config, to change." },
] as const;

export function BasicInfo(props: Props) {
  const { draft, onChange, start, onStart, datasets, errors } = props;
  const configs = useQuery({ ...featureConfigs.listQuery, enabled: start !== undefined });
  const dataset = datasets?.find(({ id }) => id === draft.spec.dataset_id);
  return (
    <Stack gap="lg" maw={640}>
      <TextInput
        label="Config name"
        placeholder="Larger embeddings, with seasons"
        value={draft.name}
        onChange={(event) => onChange({ ...draft, name: event.currentTarget.value })}
        error={errors.name}
        maxLength={255}
        required
        data-autofocus
      />
      <Textarea
        label="Description"
        placeholder="What you want to find out"
        value={draft.description}
        onChange={(event) => onChange({ ...draft, description: event.currentTarget.value })}
        error={errors.description}
        maxLength={4000}
        autosize
        minRows={2}
      />
      <div>
        <Select
          label="Dataset"
          required
          disabled={start === undefined}
          description={
            start === undefined ? "The dataset of a config cannot be changed." : undefined
          }
          value={draft.spec.dataset_id || null}
          onChange={(id) => id && onChange({ ...draft, spec: { ...draft.spec, dataset_id: id } })}
          error={errors["spec.dataset_id"]}
          placeholder="Choose a dataset"
          nothingFoundMessage="No datasets yet"
          allowDeselect={false}
          searchable
          data={(datasets ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        />
        <Text size="sm" c="dimmed" mt={6} mih="1.4em">
          {dataset &&
            (dataset.status.columns.length
              ? `Version ${dataset.revision} · ${plural(dataset.status.columns.length, "column")} · ${plural(dataset.status.row_count ?? 0, "purchase")} · changed ${ago(dataset.updated_at)}`
              : "Its columns are still being read. This takes a moment.")}
        </Text>
        {datasets?.length === 0 && (
          <Notice action={<Link to="/datasets/new">Add a dataset</Link>}>
            Features are made from a dataset's columns. Add a dataset first.
          </Notice>
        )}
      </div>
      {start && (
        <Radio.Group
          label="Start from"
          value={start.kind}
          onChange={(kind) =>
            onStart(
              kind === "clone" ? { kind, id: "" } : { kind: kind === "blank" ? "blank" : "smart" },
            )
          }
        >
          <div className={classes.starts}>
            {STARTS.map(({ kind, label, hint }) => (
              <Radio.Card key={kind} value={kind} className={classes.start}>
                <div className={classes.head}>
                  <Radio.Indicator size="sm" />
                  <span className={classes.label}>{label}</span>
                </div>
                <span className={classes.hint}>{hint}</span>
              </Radio.Card>
            ))}
          </div>
        </Radio.Group>
      )}
      {start?.kind === "clone" && (
        <Select
          label="Config to copy from"
          value={start.id || null}
          onChange={(id) => onStart({ kind: "clone", id: id ?? "" })}
          data={(configs.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          placeholder="Choose a config"
          nothingFoundMessage="No configs yet"
          searchable
          required
        />
      )}
      {props.replaces && (
        <Notice tone="warning">Continuing replaces the columns that you have chosen so far.</Notice>
      )}
    </Stack>
  );
}
