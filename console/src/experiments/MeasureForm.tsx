import { ActionIcon, Button, Switch, TextInput } from "@mantine/core";
import { IconFolderOpen } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { errorsUnder, fieldErrors, messageOf, otherErrors } from "@/api/errors";
import { measureExperiment } from "@/api/experiments";
import type {
  Experiment,
  ExperimentResult,
  FileSource,
  MeasureRequest,
  RegisteredModel,
} from "@/api/schema";
import { FileBrowser, folderQuery } from "@/datasets/FileBrowser";
import { sideSource } from "@/datasets/source";
import { useRequest } from "@/editing/useRequest";
import { DeliberateForm } from "@/ui/DeliberateForm";
import { Notice } from "@/ui/Notice";
import { NumberField } from "@/ui/NumberField";
import classes from "./Experiment.module.css";

const TABLES = {
  exposures: {
    label: "Exposures",
    help: "The log of what was shown: customer, version, time.",
    columns: ["customer_id", "version", "time", "experiment_id", "assigned_by", "product_ids"],
  },
  outcomes: {
    label: "Outcomes",
    help: "What customers bought: customer, product, time.",
    columns: ["customer_id", "product_id", "time", "value"],
  },
} as const;

type TableName = keyof typeof TABLES;

interface Props {
  model: RegisteredModel;
  experiment: Experiment;
  onResult: (result: ExperimentResult | null) => void;
}

/** The two tables that an experiment is judged by. */
export function MeasureForm({ model, experiment, onResult }: Props) {
  const [paths, setPaths] = useState({ exposures: "", outcomes: "" });
  const [names, setNames] = useState<Record<TableName, Record<string, string>>>({
    exposures: {},
    outcomes: {},
  });
  const [days, setDays] = useState(7);
  const [renamed, setRenamed] = useState(false);
  const [browsed, setBrowsed] = useState<TableName | null>(null);
  const browsable = useQuery(folderQuery("")).isSuccess;
  const measure = useRequest({
    send: (body: MeasureRequest) => measureExperiment(model.id, body),
    onSuccess: onResult,
    onError: () => onResult(null),
  });
  const errors = fieldErrors(measure.error);
  const ofColumn = Object.keys(errors).some((path) => !path.includes(".source"));
  const table = (name: TableName) => {
    const given = Object.entries(names[name]).filter(([, column]) => column.trim() !== "");
    return {
      ...Object.fromEntries(given),
      source: sideSource(paths[name].trim(), false) as FileSource,
    };
  };
  return (
    <DeliberateForm
      onSubmit={() =>
        measure.send({
          exposures: table("exposures"),
          outcomes: table("outcomes"),
          ...{ days, experiment_id: experiment.id },
        } as MeasureRequest)
      }
    >
      <div className={classes.tables}>
        {(Object.keys(TABLES) as TableName[]).map((name) => (
          <div key={name}>
            <TextInput
              label={TABLES[name].label}
              description={TABLES[name].help}
              placeholder={name === "exposures" ? "/data/exposures.jsonl" : "/data/orders.parquet"}
              value={paths[name]}
              onChange={(event) => setPaths({ ...paths, [name]: event.currentTarget.value })}
              error={errorsUnder(errors, `${name}.source`).join(" ") || undefined}
              rightSection={
                browsable && (
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={`Find ${TABLES[name].label.toLowerCase()}`}
                    onClick={() => setBrowsed(name)}
                  >
                    <IconFolderOpen size={17} stroke={1.6} />
                  </ActionIcon>
                )
              }
            />
            {(renamed || ofColumn) && (
              <div className={classes.names}>
                {TABLES[name].columns.map((column) => (
                  <TextInput
                    key={column}
                    size="xs"
                    label={column}
                    placeholder={column}
                    value={names[name][column] ?? ""}
                    onChange={(event) =>
                      setNames({
                        ...names,
                        [name]: { ...names[name], [column]: event.currentTarget.value },
                      })
                    }
                    error={errors[`${name}.${column}`]}
                  />
                ))}
              </div>
            )}
          </div>
        ))}
      </div>
      <div className={classes.asked}>
        <NumberField
          label="Days that count for a customer"
          value={days}
          onChange={setDays}
          above={0}
          max={366}
          error={errors.days}
        />
        <Switch
          label="The columns have other names"
          checked={renamed || ofColumn}
          onChange={(event) => setRenamed(event.currentTarget.checked)}
          mb={8}
        />
        <Button
          type="submit"
          loading={measure.sending}
          disabled={!paths.exposures.trim() || !paths.outcomes.trim()}
        >
          Measure
        </Button>
      </div>
      <div className={classes.result}>
        {otherErrors(errors, ["exposures", "outcomes", "days"]).map((message) => (
          <Notice key={message} tone="bad">
            {message}
          </Notice>
        ))}
        {measure.error && Object.keys(errors).length === 0 && (
          <Notice tone="bad">{messageOf(measure.error)}</Notice>
        )}
      </div>
      {browsed && (
        <FileBrowser
          onClose={() => setBrowsed(null)}
          onFile={(path) => setPaths({ ...paths, [browsed]: path })}
          onFolder={(path) => setPaths({ ...paths, [browsed]: path })}
        />
      )}
    </DeliberateForm>
  );
}
