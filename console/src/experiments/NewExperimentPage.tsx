import { Button, CloseButton, Select } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { errorsUnder, fieldErrors, messageOf, otherErrors } from "@/api/errors";
import { startExperiment } from "@/api/experiments";
import { registeredModels, registeredVersionsQuery } from "@/api/registeredModels";
import type { RegisteredModel } from "@/api/schema";
import editor from "@/editing/editor.module.css";
import { AFTER_SAVING, UnsavedGuard } from "@/editing/UnsavedGuard";
import { useDraft } from "@/editing/useDraft";
import { useRequest } from "@/editing/useRequest";
import { DeliberateForm } from "@/ui/DeliberateForm";
import { moment, percentage } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Notice } from "@/ui/Notice";
import { NumberField } from "@/ui/NumberField";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import classes from "./Experiment.module.css";
import { evenly, experimentPath, total, versionsWords } from "./experiments";
import { SizeForm } from "./SizeForm";

/** The most versions that one experiment has, by the API. */
const MOST = 4;

/** `/in-use/experiments/new?model=ID` */
export default function NewExperimentPage() {
  const models = useQuery(registeredModels.listQuery);
  return (
    <Page
      title="New experiment"
      lead="Each customer is answered by one version, always the same; the version in production is the control."
      parent={{ label: "Experiments", to: "/in-use/experiments" }}
      wide
    >
      <Loaded query={models} skeleton={<Rows count={3} height={120} />}>
        {(all) => <Form models={all} />}
      </Loaded>
    </Page>
  );
}

interface Row {
  version: number | null;
  share_percent: number;
}

interface Draft {
  model: string | null;
  /** Those beside the control. */
  others: Row[];
  control: number;
  salt: string | null;
}

function Form({ models }: { models: RegisteredModel[] }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [search] = useSearchParams();
  const usable = models.filter(({ status }) => status.aliases.production);
  const [initial] = useState<Draft>(() => {
    const wanted = search.get("model") ?? (usable.length === 1 ? usable[0]?.id : null) ?? null;
    const [control = 50, other = 50] = evenly(2);
    return {
      ...{ model: wanted, control, salt: null },
      others: [{ version: null, share_percent: other }],
    };
  });
  const [draft, setDraft] = useDraft("experiment", initial);
  const [asked, setAsked] = useState(false);
  const model = usable.find(({ id }) => id === draft.model);
  const production = model?.status.aliases.production?.version ?? null;
  const known = useQuery({
    ...registeredVersionsQuery(model?.id ?? "", model?.status.versions ?? 0),
    enabled: model !== undefined,
  });
  const choices = (known.data ?? [])
    .filter(({ version, model_deleted_at }) => version !== production && !model_deleted_at)
    .map(({ version, name }) => ({ value: String(version), label: `Version ${version}: ${name}` }));
  const start = useRequest({
    send: (body: { id: string; versions: Row[] }) =>
      startExperiment(body.id, {
        versions: body.versions as { version: number; share_percent: number }[],
        salt: draft.salt,
      }),
    onSuccess: (now, { id }) => {
      client.setQueryData(registeredModels.query(id).queryKey, now);
      void client.invalidateQueries({ queryKey: [registeredModels.key, "list"] });
      return navigate(experimentPath(id), AFTER_SAVING);
    },
  });
  const change = (part: Partial<Draft>): void => {
    setDraft((now) => ({ ...now, ...part }));
    if (start.error) start.reset();
  };
  const setOther = (at: number, part: Partial<Row>) =>
    change({ others: draft.others.map((one, n) => (n === at ? { ...one, ...part } : one)) });
  const withCount = (others: Row[]): void => {
    const [control = 100, ...shares] = evenly(others.length + 1);
    change({
      control,
      others: others.map((one, at) => ({ ...one, share_percent: shares[at] ?? 0 })),
    });
  };
  const versions: Row[] = [{ version: production, share_percent: draft.control }, ...draft.others];
  const sum = total(versions);
  const errors = fieldErrors(start.error);
  const at = (place: number) =>
    errorsUnder(errors, `spec.experiment.versions[${place}]`).join(" ") || undefined;
  const shown = versions.map((_, place) => `spec.experiment.versions[${place}]`);
  const complete = versions.every(({ version }) => version !== null);
  const running = model?.status.experiment;
  return (
    <DeliberateForm
      className={editor.form}
      onSubmit={() => {
        setAsked(true);
        if (model && complete && sum === 100) start.send({ id: model.id, versions });
      }}
    >
      <UnsavedGuard when={draft !== initial} />
      <div>
        <div className={editor.fields}>
          <Select
            label="Model"
            placeholder="Choose a model with a version in production"
            data={usable.map(({ id, name }) => ({ value: id, label: name }))}
            value={draft.model}
            onChange={(id) =>
              change({
                ...{ model: id, salt: null },
                others: draft.others.map((one) => ({ ...one, version: null })),
              })
            }
            error={asked && !model ? "Choose a model." : undefined}
            nothingFoundMessage="No such model"
            searchable
          />
        </div>
        <Section
          title="Versions"
          lead="Shares of the customers, which sum to 100% and stay as they are while it runs."
          actions={
            <Button size="xs" variant="default" onClick={() => withCount(draft.others)}>
              Split evenly
            </Button>
          }
        >
          <ul className={classes.versions}>
            {versions.map(({ version, share_percent }, place) => (
              <li key={place} className={classes.version}>
                <Select
                  label={place === 0 ? "Control, in production" : `Version ${"BCD"[place - 1]}`}
                  placeholder="Choose a version"
                  data={
                    place === 0
                      ? [{ value: String(production), label: `Version ${production ?? "–"}` }]
                      : choices.filter(
                          ({ value }) =>
                            value === String(version) ||
                            !versions.some((one) => String(one.version) === value),
                        )
                  }
                  value={version === null ? null : String(version)}
                  onChange={(value) =>
                    setOther(place - 1, { version: value === null ? null : Number(value) })
                  }
                  disabled={place === 0 || !model}
                  nothingFoundMessage="No other version"
                  error={at(place) ?? (asked && version === null ? "Choose a version." : undefined)}
                />
                <NumberField
                  label="Share (%)"
                  value={share_percent}
                  onChange={(share) =>
                    place === 0
                      ? change({ control: share })
                      : setOther(place - 1, { share_percent: share })
                  }
                  above={0}
                  max={100}
                  decimalScale={2}
                />
                {place > 1 && (
                  <CloseButton
                    className={classes.remove}
                    aria-label={`Remove version ${"BCD"[place - 1]}`}
                    onClick={() => withCount(draft.others.filter((_, n) => n !== place - 1))}
                  />
                )}
              </li>
            ))}
          </ul>
          {versions.length < MOST && (
            <Button
              size="xs"
              variant="default"
              onClick={() => withCount([...draft.others, { version: null, share_percent: 0 }])}
            >
              Add a version
            </Button>
          )}
          <p className={classes.sum} data-wrong={sum !== 100 || undefined} role="status">
            {sum === 100
              ? "The shares sum to 100%."
              : `The shares sum to ${percentage(sum)}. They have to sum to 100%.`}
          </p>
        </Section>
        {model && model.status.ended_experiments.length > 0 && (
          <div className={editor.fields}>
            <Select
              label="Customers"
              description="Dealt anew, or left where an earlier experiment had them, as far as the shares allow."
              placeholder="Dealt anew"
              data={model.status.ended_experiments.map(({ id, salt, versions, began_at }) => ({
                value: salt,
                label: `As in ${versionsWords(versions)}, ${moment(began_at)} (${id})`,
              }))}
              value={draft.salt}
              onChange={(salt) => change({ salt })}
              clearable
            />
          </div>
        )}
        <Section title="How many customers it takes">
          <SizeForm share={Math.min(99.99, draft.others[0]?.share_percent || 50)} />
        </Section>
      </div>
      <aside className={editor.side} aria-label="Before it starts">
        <h2 className={editor.sideTitle}>Before it starts</h2>
        <p className={editor.quiet}>
          Servers that follow production load all versions and answer each customer by one of them.
          The record that comes with a prediction is what the shop logs when it shows the list.
        </p>
        {running && (
          <div className={editor.notices}>
            <Notice tone="warning">
              {versionsWords(running.versions)} runs already. End it before another begins.
            </Notice>
          </div>
        )}
        <div className={editor.notices}>
          {otherErrors(errors, shown).map((message) => (
            <Notice key={message} tone="bad">
              {message}
            </Notice>
          ))}
          {start.error && Object.keys(errors).length === 0 && (
            <Notice tone="bad">{messageOf(start.error)}</Notice>
          )}
        </div>
        <Button type="submit" fullWidth mt="md" loading={start.sending} disabled={sum !== 100}>
          Start the experiment
        </Button>
      </aside>
    </DeliberateForm>
  );
}
