import { Button, Checkbox, Group, Select, TagsInput, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { boundsOf, settingOf } from "@/api/catalogue";
import { errorsUnder, messageOf, otherErrors } from "@/api/errors";
import { schedules, scheduleTrialQuery } from "@/api/schedules";
import type { RegisteredModel, Schedule, ScheduleSpec } from "@/api/schema";
import { EditorBar } from "@/editing/EditorBar";
import classes from "@/editing/editor.module.css";
import { SaveDialogs } from "@/editing/SaveDialogs";
import { AFTER_SAVING, UnsavedGuard } from "@/editing/UnsavedGuard";
import { useSave } from "@/editing/useSave";
import { useUndo } from "@/editing/useUndo";
import { ChoiceCards } from "@/ui/ChoiceCards";
import { same } from "@/ui/diff";
import { Notice } from "@/ui/Notice";
import { NumberField } from "@/ui/NumberField";
import { Page } from "@/ui/Page";
import { Section } from "@/ui/Section";
import { inZone, USUAL, zones } from "./words";

export interface Draft {
  name: string;
  description: string;
  spec: ScheduleSpec;
}

interface Props {
  stored?: Schedule;
  initial: Draft;
  models: RegisteredModel[];
}

const FIELDS = ["model_id", "cron", "zone", "epochs", "early_stopping_patience"];
const OTHER_FIELDS = ["data_sample_percent", "warm_start", "promotion", "tell"];

/** When a model is trained again, how, and what may become of it. */
export function ScheduleEditor({ stored, initial, models }: Props) {
  const navigate = useNavigate();
  const {
    value: draft,
    change,
    ...undoing
  } = useUndo(stored ? `schedule, revision ${stored.revision}` : "schedule", initial);
  const [asked, setAsked] = useState(false);
  const { spec } = draft;
  const [rested] = useDebouncedValue(spec, 300);
  const trial = useQuery({
    ...scheduleTrialQuery(rested, stored?.id),
    enabled: rested.model_id !== "",
  });
  const saving = useSave(schedules, {
    id: stored?.id,
    revision: stored?.revision,
    onSaved: (saved) => navigate(schedules.path(saved.id), AFTER_SAVING),
  });
  const told = spec.model_id ? trial.data : undefined;
  const errors: Record<string, string> = {
    ...Object.fromEntries((told?.problems ?? []).map(({ path, message }) => [path, message])),
    ...saving.errors,
  };
  const error = (field: string) => errorsUnder(errors, `spec.${field}`).join(" ") || undefined;
  const put = (part: Partial<Draft>) => {
    change((now) => ({ ...now, ...part }));
    if (Object.keys(saving.errors).length > 0) saving.clearErrors();
  };
  const set = (part: Partial<ScheduleSpec>) => put({ spec: { ...spec, ...part } });
  const model = models.find(({ id }) => id === spec.model_id);
  const fallback = model?.name ?? "";
  return (
    <Page
      title={stored ? `Edit ${stored.name}` : "New schedule"}
      parent={
        stored
          ? { label: stored.name, to: schedules.path(stored.id) }
          : { label: "Schedules", to: "/in-use/schedules" }
      }
      wide
    >
      <UnsavedGuard when={!same(draft, initial)} />
      <SaveDialogs resource={schedules} saving={saving} />
      <div className={classes.form}>
        <div>
          <div className={classes.fields}>
            <Select
              label="Model"
              description="It is trained as its version in production was, on the data of that moment."
              placeholder="Choose a model"
              data={models.map(({ id, name }) => ({ value: id, label: name }))}
              value={spec.model_id || null}
              onChange={(id) => set({ model_id: id ?? "" })}
              error={error("model_id") ?? (asked && !spec.model_id ? "Choose a model." : undefined)}
              searchable
            />
            <TextInput
              label="Name"
              placeholder={fallback || "As the model"}
              value={draft.name}
              onChange={(event) => put({ name: event.currentTarget.value })}
              error={errors.name}
              maxLength={255}
            />
          </div>
          <Section title="When">
            <div className={classes.fields}>
              <div>
                <TextInput
                  label="Cron expression"
                  description={settingOf("schedule", "cron").help}
                  value={spec.cron}
                  onChange={(event) => set({ cron: event.currentTarget.value })}
                  error={error("cron")}
                  maxLength={200}
                  styles={{ input: { fontFamily: "var(--mono)" } }}
                />
                <Group gap="xs" mt="xs">
                  {USUAL.map(({ label, cron }) => (
                    <Button
                      key={cron}
                      size="compact-sm"
                      variant={spec.cron === cron ? "filled" : "default"}
                      aria-pressed={spec.cron === cron}
                      onClick={() => set({ cron })}
                    >
                      {label}
                    </Button>
                  ))}
                </Group>
              </div>
              <Select
                label="Time zone"
                data={zones().includes(spec.zone) ? zones() : [spec.zone, ...zones()]}
                value={spec.zone}
                onChange={(zone) => zone && set({ zone })}
                error={error("zone")}
                allowDeselect={false}
                searchable
              />
            </div>
          </Section>
          <Section
            title="Training"
            lead="What is left empty stays as in the version in production."
          >
            <div className={classes.three}>
              {(["epochs", "early_stopping_patience", "data_sample_percent"] as const).map(
                (name) => {
                  const setting = settingOf("schedule", name);
                  return (
                    <NumberField<number | null>
                      key={name}
                      label={
                        name === "data_sample_percent" ? `${setting.label} (%)` : setting.label
                      }
                      value={spec[name] ?? null}
                      onChange={(value) => set({ [name]: value })}
                      empty="As it is"
                      error={error(name)}
                      {...boundsOf(setting)}
                    />
                  );
                },
              )}
            </div>
            <Checkbox
              mt="md"
              label={settingOf("schedule", "warm_start").label}
              description={settingOf("schedule", "warm_start").help}
              checked={spec.warm_start ?? false}
              onChange={(event) => set({ warm_start: event.currentTarget.checked })}
              error={error("warm_start")}
            />
          </Section>
          <Section title="Afterwards">
            <div className={classes.fields}>
              <ChoiceCards
                label="Promotion"
                value={spec.promotion ?? "unless_worse"}
                onChange={(promotion) => set({ promotion })}
                choices={[
                  {
                    value: "unless_worse",
                    title: "Unless it is worse",
                    children:
                      "The new version comes into production where it is better on the newest purchases, or shows no clear difference.",
                  },
                  {
                    value: "never",
                    title: "Never",
                    children: "The run says how the new version stands. People promote it.",
                  },
                ]}
              />
              <TagsInput
                label="Tell"
                description="Names of channels. None: all that take messages about schedules."
                value={spec.tell ?? []}
                onChange={(tell) => set({ tell })}
                error={error("tell")}
                maxTags={10}
                acceptValueOnBlur
              />
            </div>
          </Section>
        </div>
        <aside className={classes.side} aria-label="When it fires">
          <h2 className={classes.sideTitle}>When it fires</h2>
          <div aria-live="polite">
            {told?.words ? (
              <p className={classes.lead}>{told.words}</p>
            ) : (
              <p className={classes.quiet}>
                {spec.model_id ? "The expression cannot be read yet." : "Choose a model first."}
              </p>
            )}
            {told && told.next_times.length > 0 && (
              <ol className={classes.times} aria-label="The next times">
                {told.next_times.map((at) => (
                  <li key={at}>{inZone(at, spec.zone)}</li>
                ))}
              </ol>
            )}
          </div>
        </aside>
      </div>
      {[
        ...otherErrors(errors, [
          "name",
          ...[...FIELDS, ...OTHER_FIELDS].map((one) => `spec.${one}`),
        ]),
        ...(saving.fault ? [messageOf(saving.fault)] : []),
        ...(trial.error ? [messageOf(trial.error)] : []),
      ].map((message) => (
        <Notice key={message} tone="bad">
          {message}
        </Notice>
      ))}
      <EditorBar
        back={stored ? schedules.path(stored.id) : "/in-use/schedules"}
        undoing={undoing}
        saving={saving.saving}
        save={stored ? "Save changes" : "Save schedule"}
        onSave={() => {
          setAsked(true);
          if (!spec.model_id || (told?.valid === false && same(rested, spec))) return;
          saving.save({ ...draft, name: draft.name.trim() || fallback });
        }}
      />
    </Page>
  );
}
