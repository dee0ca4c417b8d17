import { Button, Group, SegmentedControl, Select, Stack, TextInput } from "@mantine/core";
import { IconFolderOpen } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { answer, api } from "@/api/client";
import { datasets } from "@/api/datasets";
import { errorsUnder, fieldErrors, messageOf, otherErrors } from "@/api/errors";
import type { Inspected } from "@/api/schema";
import { UnsavedGuard } from "@/editing/UnsavedGuard";
import { useSave } from "@/editing/useSave";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { Section } from "@/ui/Section";
import { succeeded } from "@/ui/toast";
import classes from "./AddDatasetPage.module.css";
import { FileBrowser, folderQuery } from "./FileBrowser";
import { MappingTable, missingRoles } from "./MappingTable";
import { fileKind, type Source, suggestedName } from "./source";

type Place = "file" | "folder" | "bigquery";

const PLACES: Record<Place, { label: string; field: string; hint: string; example: string }> = {
  file: {
    label: "File",
    field: "Path of the file",
    hint: "A CSV or Parquet file on the machine that Recsmith runs on. The whole path, from / on.",
    example: "/home/me/purchases.csv",
  },
  folder: {
    label: "Folder",
    field: "Path of the folder",
    hint: "All files in it, at any depth, or a pattern with *. They need the same columns.",
    example: "/data/sales/2024-*.parquet",
  },
  bigquery: {
    label: "BigQuery table",
    field: "Table",
    hint: "project.dataset.table. Works where Recsmith runs on Google Cloud.",
    example: "my-project.shop.purchases",
  },
};

export default function AddDatasetPage() {
  const navigate = useNavigate();
  const [place, setPlace] = useState<Place>("file");
  const [text, setText] = useState("");
  const [kind, setKind] = useState<"csv" | "parquet">("csv");
  const [name, setName] = useState("");
  const [mapping, setMapping] = useState<Record<string, string>>({});
  const [saved, setSaved] = useState(false);
  const [browsing, setBrowsing] = useState(false);
  // Only where Recsmith runs on one's own machine are there folders to look into.
  const browsable = useQuery(folderQuery("")).isSuccess && place !== "bigquery";

  const found = fileKind(text.trim());
  const source: Source =
    place === "bigquery"
      ? { kind: "bigquery", table: text.trim() }
      : { kind: found ?? kind, uri: text.trim() };

  const inspection = useMutation({
    mutationFn: (source: Source) =>
      answer(api.POST("/api/datasets/inspect/", { body: { source } })),
    onSuccess: (inspected: Inspected, source) => {
      setMapping(inspected.column_mapping);
      setName((given) => given || suggestedName(source));
    },
  });
  const saving = useSave(datasets, {
    onSaved: (dataset) => {
      setSaved(true);
      succeeded(`“${dataset.name}” has been added. Its columns are being read.`);
      void navigate(datasets.path(dataset.id));
    },
  });

  const wrong = fieldErrors(inspection.error);
  const wrongSource = [
    ...errorsUnder(wrong, "spec.source"),
    ...errorsUnder(wrong, "source"),
    ...errorsUnder(saving.errors, "spec.source"),
  ].join(" ");
  const columns = inspection.data?.columns;
  const changed = (change: () => void) => {
    change();
    inspection.reset();
    saving.clearErrors();
  };

  /** What was chosen in the browser is looked at without a further click. */
  function look(chosen: Place, path: string, format: "csv" | "parquet"): void {
    setPlace(chosen);
    setText(path);
    setKind(format);
    saving.clearErrors();
    inspection.mutate({ kind: format, uri: path });
  }

  return (
    <Page
      title="Add a dataset"
      parent={{ label: "Datasets", to: "/datasets" }}
      lead="Say where your purchases are; then say what the columns mean. Nothing is copied or changed."
    >
      <UnsavedGuard when={columns !== undefined && !saved} />
      <Section title="Where the purchases are">
        <form
          className={classes.source}
          onSubmit={(event) => {
            event.preventDefault();
            inspection.mutate(source);
          }}
        >
          <SegmentedControl
            aria-label="Kind of source"
            value={place}
            onChange={(value) => changed(() => setPlace(value as Place))}
            data={Object.entries(PLACES).map(([value, { label }]) => ({ value, label }))}
          />
          <div className={classes.path}>
            <TextInput
              label={PLACES[place].field}
              description={PLACES[place].hint}
              placeholder={PLACES[place].example}
              value={text}
              onChange={(event) => {
                const { value } = event.currentTarget;
                changed(() => setText(value));
              }}
              error={wrongSource || undefined}
              spellCheck={false}
              autoComplete="off"
              required
            />
            {place !== "bigquery" && !found && (
              <Select
                label="Format"
                description="of the files"
                value={kind}
                onChange={(value) => changed(() => setKind(value === "parquet" ? value : "csv"))}
                data={[
                  { value: "csv", label: "CSV" },
                  { value: "parquet", label: "Parquet" },
                ]}
                allowDeselect={false}
              />
            )}
          </div>
          <Group gap="xs">
            {browsable && (
              <Button
                variant={text.trim() ? "default" : "filled"}
                leftSection={<IconFolderOpen size={17} stroke={1.7} />}
                onClick={() => setBrowsing(true)}
              >
                Browse this machine
              </Button>
            )}
            <Button
              type="submit"
              variant={columns || (browsable && !text.trim()) ? "default" : "filled"}
              loading={inspection.isPending}
              disabled={!text.trim()}
            >
              Look at the columns
            </Button>
          </Group>
          {inspection.error && !wrongSource && (
            <Notice tone="bad">{messageOf(inspection.error)}</Notice>
          )}
        </form>
      </Section>

      {browsing && (
        <FileBrowser
          onClose={() => setBrowsing(false)}
          onFile={(path) => look("file", path, fileKind(path) ?? kind)}
          onFolder={(path, format) => look("folder", path, format)}
        />
      )}
      {columns && (
        <Section
          title="What the columns mean"
          lead="Guessed from their names: check it. One column must say who bought and one what was bought; columns that are not used do no harm."
        >
          <Stack gap="lg">
            <MappingTable
              columns={columns}
              mapping={mapping}
              onChange={setMapping}
              errors={saving.errors}
            />
            <TextInput
              label="Name of the dataset"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              error={saving.errors.name}
              maw={420}
              required
              maxLength={255}
            />
            {otherErrors(saving.errors, ["spec.source", "spec.column_mapping", "name"]).map(
              (message) => (
                <Notice key={message} tone="bad">
                  {message}
                </Notice>
              ),
            )}
            {saving.fault && <Notice tone="bad">{messageOf(saving.fault)}</Notice>}
            <Group>
              <Button
                loading={saving.saving}
                disabled={!name.trim() || missingRoles(mapping).length > 0}
                onClick={() =>
                  saving.save({
                    name: name.trim(),
                    description: "",
                    spec: { source, column_mapping: mapping },
                  })
                }
              >
                Add the dataset
              </Button>
            </Group>
          </Stack>
        </Section>
      )}
    </Page>
  );
}
