import { Select, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useNavigate } from "react-router";
import { datasets } from "@/api/datasets";
import { messageOf, otherErrors } from "@/api/errors";
import { ruleColumnsQuery, ruleSets, ruleSetTrialQuery } from "@/api/ruleSets";
import type { RuleSet, RuleSetSpec } from "@/api/schema";
import { EditorBar } from "@/editing/EditorBar";
import classes from "@/editing/editor.module.css";
import { SaveDialogs } from "@/editing/SaveDialogs";
import { AFTER_SAVING, UnsavedGuard } from "@/editing/UnsavedGuard";
import { useFixed } from "@/editing/useFixed";
import { useSave } from "@/editing/useSave";
import { useUndo } from "@/editing/useUndo";
import { same } from "@/ui/diff";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { Preview } from "./Preview";
import { RulesForm } from "./RulesForm";
import { RulesInWords } from "./RulesInWords";
import { complete, patient } from "./rules";
import { useTestsOf } from "./useTestsOf";

export interface Draft {
  name: string;
  description: string;
  spec: RuleSetSpec;
}

interface Props {
  /** The document that is edited; without it, a new one is made. */
  stored?: RuleSet;
  initial: Draft;
}

/** A rule set: its rules by hand, what they leave, and a list under them beside one without. */
export function RuleSetEditor({ stored, initial }: Props) {
  const navigate = useNavigate();
  const {
    value: draft,
    change,
    ...undoing
  } = useUndo(stored ? `rules, revision ${stored.revision}` : "rules", initial);
  useFixed<RuleSetSpec>((spec) => change((now) => ({ ...now, spec })));
  const [asked, setAsked] = useState(false);
  const { spec } = draft;
  const all = useQuery(datasets.listQuery).data ?? [];
  const dataset = all.find(({ id }) => id === spec.dataset_id);
  const columns = useQuery(ruleColumnsQuery(spec.dataset_id)).data ?? [];
  const tests = useTestsOf(spec.dataset_id);
  const [rested] = useDebouncedValue(spec, 300);
  const trial = useQuery(ruleSetTrialQuery(rested, stored?.id));
  const whole = useMemo(() => complete(spec.rules), [spec.rules]);
  const saving = useSave(ruleSets, {
    id: stored?.id,
    revision: stored?.revision,
    onSaved: (saved) => navigate(ruleSets.path(saved.id), AFTER_SAVING),
  });
  const said = Object.fromEntries(
    (rested.dataset_id ? (trial.data?.problems ?? []) : []).map(({ path, message }) => [
      path,
      message,
    ]),
  );
  const errors = { ...(asked ? said : patient(said, spec.rules)), ...saving.errors };
  const put = (part: Partial<Draft>) => {
    change((now) => ({ ...now, ...part }));
    if (Object.keys(saving.errors).length > 0) saving.clearErrors();
  };
  return (
    <Page
      title={stored ? `Edit ${stored.name}` : "New rule set"}
      parent={
        stored
          ? { label: stored.name, to: ruleSets.path(stored.id) }
          : { label: "Rule sets", to: "/in-use/rules" }
      }
      wide
    >
      <UnsavedGuard when={!same(draft, initial)} />
      <SaveDialogs resource={ruleSets} saving={saving} />
      <div className={classes.form}>
        <div>
          <div className={classes.fields}>
            <TextInput
              label="Name"
              description="Requests give the rule set by it."
              placeholder="Front page"
              value={draft.name}
              onChange={(event) => put({ name: event.currentTarget.value })}
              error={errors.name ?? (asked && !draft.name.trim() ? "Enter a name." : undefined)}
              maxLength={255}
            />
            <Textarea
              label="Description"
              description="What the rules are for. Optional."
              value={draft.description}
              onChange={(event) => put({ description: event.currentTarget.value })}
              error={errors.description}
              maxLength={4000}
              autosize
              minRows={2}
            />
            <Select
              label="Dataset"
              description="Whose products the rules are about. They hold for every model whose products have the columns."
              placeholder="Choose a dataset"
              data={all
                .filter(({ status }) => status.columns.length > 0)
                .map(({ id, name }) => ({ value: id, label: name }))}
              value={spec.dataset_id || null}
              onChange={(id) => put({ spec: { ...spec, dataset_id: id ?? "" } })}
              error={
                errors["spec.dataset_id"] ??
                (asked && !spec.dataset_id ? "Choose a dataset." : undefined)
              }
              searchable
            />
          </div>
          <RulesForm
            rules={spec.rules}
            onChange={(rules) => put({ spec: { ...spec, rules } })}
            columns={columns}
            described={dataset?.status.columns}
            errors={errors}
            path="spec.rules"
          />
        </div>
        <aside className={classes.side} aria-label="The rules in words">
          <RulesInWords spec={{ ...spec, rules: whole }} id={stored?.id} test={tests[0]} />
        </aside>
      </div>
      {[
        ...otherErrors(errors, [
          ...["name", "description", "spec.dataset_id", "spec.rules.filters"],
          ...["spec.rules.caps[", "spec.rules.pins["],
        ]).filter((message) => !inRows(errors, message)),
        ...(saving.fault ? [messageOf(saving.fault)] : []),
        ...(trial.error ? [messageOf(trial.error)] : []),
      ].map((message) => (
        <Notice key={message} tone="bad">
          {message}
        </Notice>
      ))}
      {spec.dataset_id && <Preview key={spec.dataset_id} rules={whole} tests={tests} />}
      <EditorBar
        back={stored ? ruleSets.path(stored.id) : "/in-use/rules"}
        undoing={undoing}
        saving={saving.saving}
        save={stored ? "Save changes" : "Save rule set"}
        onSave={() => {
          setAsked(true);
          const left = rested.dataset_id ? (trial.data?.problems ?? []) : [];
          const refused = left.some(({ level }) => level === "error") && same(rested, spec);
          if (!draft.name.trim() || !spec.dataset_id || refused) return;
          saving.save({
            ...draft,
            name: draft.name.trim(),
            description: draft.description.trim(),
          });
        }}
      />
    </Page>
  );
}

/** Whether a row of the form shows a message. */
function inRows(errors: Record<string, string>, message: string): boolean {
  return Object.entries(errors).some(
    ([path, said]) => said === message && /\.(filters|caps|pins)\[\d+\]/.test(path),
  );
}
