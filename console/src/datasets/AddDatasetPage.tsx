import { Button, Group, SegmentedControl, Select, Stack, TextInput } from "@mantine/core";
import { IconFolderOpen } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { answer, api } from "@/api/client";
import { datasets } from "@/api/datasets";
import { errorsUnder, fieldErrors, messageOf, otherErrors } from "@/api/errors";
import type { FileOptions, Inspected } from "@/api/schema";
import { AFTER_SAVING, UnsavedGuard } from "@/editing/UnsavedGuard";
import { useSave } from "@/editing/useSave";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { Section } from "@/ui/Section";
import { succeeded } from "@/ui/toast";
import classes from "./AddDatasetPage.module.css";
import { FileBrowser, folderQuery } from "./FileBrowser";
import { MappingTable } from "./MappingTable";
import { NOTHING_SAID } from "./options";
import { type Counting, RowsThatCount } from "./RowsThatCount";
import { missingRoles } from "./roles";
import { type Sides, SideTables } from "./SideTables";
import { bigQuerySource, type FileKind, fileKind, type Source, suggestedName } from "./source";
import { Understood } from "./Understood";

type Place = "file" | "folder" | "bigquery";

interface Asked {
  source: Source;
  roles: Record<string, string>;
  sides?: Sides;
}

const PLACES: Record<Place, { label: string; field: string; hint: string; example: string }> = {
  file: {
    label: "File",
    field: "Path of the file",
    hint: "The absolute path of a CSV, JSON, Excel or Parquet file on the machine that Recsmith runs on.",
    example: "/home/me/purchases.csv",
  },
  folder: {
    label: "Folder",
    field: "Path of the folder",
    hint: "All files in a folder, at any depth, or a glob pattern. They need the same columns.",
    example: "/data/sales/2024-*.parquet",
  },
  bigquery: {
    label: "BigQuery",
    field: "Table or query",
    hint: "project.dataset.table, or one SELECT, where Recsmith runs on Google Cloud.",
    example: "my-project.shop.purchases",
  },
};

export default function AddDatasetPage() {
  const navigate = useNavigate();
  const [place, setPlace] = useState<Place>("file");
  const [text, setText] = useState("");
  const [kind, setKind] = useState<FileKind>("csv");
  const [inspected, setInspected] = useState<Inspected>();
  const [said, setSaid] = useState<FileOptions>(NOTHING_SAID);
  const [name, setName] = useState("");
  const [mapping, setMapping] = useState<Record<string, string>>({});
  const [sides, setSides] = useState<Sides>({});
  const [counting, setCounting] = useState<Counting>({ where: [] });
  const [browsing, setBrowsing] = useState(false);
  // Only where Recsmith runs on one's own machine are there folders to look into.
  const browsable = useQuery(folderQuery("")).isSuccess && place !== "bigquery";

  const found = fileKind(text.trim());
  const source: Source =
    place === "bigquery"
      ? bigQuerySource(text.trim())
      : { kind: found ?? kind, uri: text.trim(), options: said };

  // What was chosen stays; what was guessed is guessed anew.
  const chosen = Object.fromEntries(
    Object.entries(mapping).filter(([column, role]) => inspected?.column_mapping[column] !== role),
  );

  const inspection = useMutation({
    mutationFn: ({ source, roles, sides: beside = sides }: Asked) =>
      answer(
        api.POST("/api/datasets/inspect/", {
          body: { source, column_mapping: roles, where: [], ...beside },
        }),
      ),
    onSuccess: (found: Inspected, { source }) => {
      setInspected(found);
      setMapping(found.column_mapping);
      setCounting((known) => ({
        ...known,
        events: known.events === undefined ? found.tables.events : known.events,
      }));
      setName((given) => given || suggestedName(source));
    },
  });
  const saving = useSave(datasets, {
    onSaved: (dataset) => {
      succeeded(`“${dataset.name}” has been added. Its columns are being read.`);
      return navigate(datasets.path(dataset.id), AFTER_SAVING);
    },
  });

  const wrong = fieldErrors(inspection.error);
  const wrongSource = [
    ...errorsUnder(wrong, "spec.source"),
    ...errorsUnder(wrong, "source"),
    ...errorsUnder(saving.errors, "spec.source"),
  ].join(" ");
  const columns = inspected?.columns;
  const changed = (change: () => void) => {
    change();
    setSaid(NOTHING_SAID);
    setMapping({});
    setSides({});
    setCounting({ where: [] });
    setInspected(undefined);
    inspection.reset();
    saving.clearErrors();
  };

  /** What was chosen in the browser is looked at without a further click. */
  function look(chosen: Place, path: string, format: FileKind): void {
    setPlace(chosen);
    setText(path);
    setKind(format);
    setSaid(NOTHING_SAID);
    setMapping({});
    setSides({});
    setCounting({ where: [] });
    setInspected(undefined);
    saving.clearErrors();
    const found: Source = { kind: format, uri: path, options: NOTHING_SAID };
    inspection.mutate({ source: found, roles: {} });
  }

  return (
    <Page
      title="Add a dataset"
      parent={{ label: "Datasets", to: "/datasets" }}
      lead="Choose where your purchases are, then check what the columns mean. Nothing is copied or changed."
    >
      <UnsavedGuard when={columns !== undefined} />
      <Section title="Source">
        <form
          className={classes.source}
          onSubmit={(event) => {
            event.preventDefault();
            inspection.mutate({ source, roles: chosen });
          }}
        >
          <SegmentedControl
            aria-label="Type of source"
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
                onChange={(value) => changed(() => setKind(value as FileKind))}
                data={[
                  { value: "csv", label: "CSV" },
                  { value: "json", label: "JSON" },
                  { value: "excel", label: "Excel" },
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
              Read the columns
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
      {inspected && source.kind !== "bigquery" && (
        <Section
          title="How it is read"
          lead="Told by the files and their values. Change whatever is wrong; it is kept with the dataset."
        >
          <Understood
            source={source}
            inspected={inspected}
            said={said}
            onSay={(options) => {
              setSaid(options);
              inspection.mutate({ source: { ...source, options }, roles: chosen });
            }}
          />
        </Section>
      )}
      {inspected && (
        <Section
          title="Further tables"
          lead="Optional: where products and customers are described. They are joined by their ids."
        >
          <SideTables
            sides={sides}
            columnOf={(role) => Object.keys(mapping).find((name) => mapping[name] === role)}
            inBigQuery={place === "bigquery"}
            onChange={(beside) => {
              setSides(beside);
              inspection.mutate({ source: inspected.source, roles: chosen, sides: beside });
            }}
            errors={{ ...wrong, ...saving.errors }}
          />
        </Section>
      )}
      {inspected && (
        <Section
          title="Rows that count"
          lead="Optional: what rows of each kind are, a window of dates, and conditions."
        >
          <RowsThatCount
            columns={inspected.columns}
            counting={counting}
            onChange={setCounting}
            errors={saving.errors}
          />
        </Section>
      )}
      {columns && (
        <Section
          title="Column roles"
          lead="Guessed from types, names and the first rows; please check. One column must be the customer and one the product; the others are optional."
        >
          <Stack gap="lg">
            <MappingTable
              columns={columns}
              mapping={mapping}
              onChange={setMapping}
              errors={saving.errors}
              reasons={inspected?.role_reasons}
            />
            {!Object.values(mapping).includes("transaction_date") &&
              inspected?.problems?.map(({ path, message }) => (
                <Notice key={path} tone="warning">
                  {message}
                </Notice>
              ))}
            <TextInput
              label="Dataset name"
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
                    spec: {
                      source: inspected?.source ?? source,
                      ...sides,
                      ...counting,
                      column_mapping: mapping,
                    },
                  })
                }
              >
                Add dataset
              </Button>
            </Group>
          </Stack>
        </Section>
      )}
    </Page>
  );
}
