import { Button, Group } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { messageOf } from "@/api/errors";
import { modelConfigs } from "@/api/modelConfigs";
import type { ModelConfig, ModelConfigSpec, Problem } from "@/api/schema";
import { SaveDialogs } from "@/editing/SaveDialogs";
import { UndoButtons } from "@/editing/UndoButtons";
import { AFTER_SAVING, UnsavedGuard } from "@/editing/UnsavedGuard";
import { useFixed } from "@/editing/useFixed";
import { useSave } from "@/editing/useSave";
import { useUndo } from "@/editing/useUndo";
import { plural } from "@/ui/format";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { succeeded } from "@/ui/toast";
import { ArchitectureStep } from "./ArchitectureStep";
import { type Draft, differs, draftOf, lacksHead, specOf, withHead } from "./draft";
import { type Editor, localProblems } from "./editor";
import classes from "./ModelEditor.module.css";
import { OtherProblems } from "./OtherProblems";
import { merged, refusal, type Step, stepOf } from "./problems";
import { SizePanel } from "./SizePanel";
import { STEP_ORDER, Steps } from "./Steps";
import { TrainingStep } from "./TrainingStep";
import { TypeStep } from "./TypeStep";
import { useFeatureChoice } from "./useFeatureChoice";
import { useTrial } from "./useTrial";

interface Props {
  /** The document that is edited; without it, a new one is made. */
  stored?: ModelConfig;
  initial: Draft;
  /** The new one is a copy, complete as it is. */
  copied?: boolean;
}

/** A model config in three steps, which can be taken in any order; `?step=` names one. */
export function ModelEditor({ stored, initial, copied = false }: Props) {
  const navigate = useNavigate();
  const [parameters, setParameters] = useSearchParams();
  const step = STEP_ORDER.find((known) => known === parameters.get("step")) ?? "type";
  const {
    value: draft,
    change,
    amend,
    ...undoing
  } = useUndo(stored ? `model, revision ${stored.revision}` : "model", initial);
  useFixed<ModelConfigSpec>((spec) => change((now) => draftOf({ ...now, spec })));
  // What the draft began with: of a conflict, what somebody else has saved meanwhile.
  const [base, setBase] = useState(stored);
  const [asked, setAsked] = useState(false);
  const choice = useFeatureChoice();
  const trial = useTrial(draft, stored?.id, choice.chosen);
  const saving = useSave(modelConfigs, {
    id: stored?.id,
    revision: base?.revision,
    onSaved: (model) => {
      if (saving.conflict && model === saving.conflict.theirs) {
        setBase(model);
        change(() => draftOf(model));
        return;
      }
      succeeded(`“${model.name}” has been saved.`);
      return navigate(modelConfigs.path(model.id), AFTER_SAVING);
    },
  });
  const problems = merged(localProblems(draft, asked), trial.problems, refusal(saving.errors));
  const dirty = differs(draft, base ?? written(initial));
  const content = useFocusOn(step);

  const { fittingHead, stale } = trial;
  useEffect(() => {
    if (stale || !fittingHead) return;
    amend((now) => (lacksHead(now) ? withHead(now, fittingHead) : now));
  }, [stale, fittingHead, amend]);

  function goTo(next: Step): void {
    setParameters((before) => {
      const after = new URLSearchParams(before);
      after.set("step", next);
      return after;
    });
  }

  function save(): void {
    setAsked(true);
    const wrong = merged(localProblems(draft, true), trial.stale ? [] : trial.problems).find(
      ({ level }) => level === "error",
    );
    if (wrong) {
      const at = stepOf(wrong);
      if (at) goTo(at);
      return;
    }
    saving.save({
      name: draft.name.trim(),
      description: draft.description.trim(),
      spec: specOf(draft),
    });
  }

  const editor: Editor = {
    draft,
    change: (next) => {
      change(next);
      if (Object.keys(saving.errors).length > 0) saving.clearErrors();
    },
    trial,
    problems,
    features: choice.chosen,
    begins: !stored && !copied,
  };
  const place = STEP_ORDER.indexOf(step);
  const next = STEP_ORDER[place + 1];
  const previous = STEP_ORDER[place - 1];
  const whole = base !== undefined || copied;

  return (
    <Page
      title={base ? `Edit ${base.name}` : "New model"}
      parent={
        base
          ? { label: base.name, to: modelConfigs.path(base.id) }
          : { label: "Models", to: "/models" }
      }
      wide
    >
      <UnsavedGuard when={dirty} />
      <SaveDialogs resource={modelConfigs} saving={saving} />
      <Steps step={step} draft={draft} problems={problems} />
      {(whole || dirty) && <OtherProblems problems={problems} />}
      {trial.fault && <Notice tone="warning">{messageOf(trial.fault)}</Notice>}
      {saving.fault && <Notice tone="bad">{messageOf(saving.fault)}</Notice>}
      <div ref={content} tabIndex={-1} className={classes.content} data-step={step}>
        <div className={classes.main}>
          {step === "type" && <TypeStep {...editor} />}
          {step === "architecture" && <ArchitectureStep {...editor} />}
          {step === "training" && <TrainingStep {...editor} />}
        </div>
        {step !== "type" && (
          <aside className={classes.aside} aria-label="The model so far">
            <SizePanel
              spec={specOf(draft)}
              parameters={trial.parameters}
              stale={trial.stale}
              choice={choice}
            />
          </aside>
        )}
      </div>
      <footer className={classes.bar}>
        <Button
          component={Link}
          to={base ? modelConfigs.path(base.id) : "/models"}
          variant="subtle"
        >
          Cancel
        </Button>
        <UndoButtons {...undoing} />
        <span className={classes.problems} role="status">
          {said(problems)}
        </span>
        <Group gap="xs" ml="auto" wrap="nowrap">
          {previous && (
            <Button variant="default" onClick={() => goTo(previous)}>
              Back
            </Button>
          )}
          {next && (
            <Button variant={whole ? "default" : "filled"} onClick={() => goTo(next)}>
              Continue
            </Button>
          )}
          {(whole || !next) && (
            <Button loading={saving.saving} onClick={save}>
              Save
            </Button>
          )}
        </Group>
      </footer>
    </Page>
  );
}

function written(draft: Draft) {
  return { name: draft.name, description: draft.description, spec: specOf(draft) };
}

/** `2 problems` */
function said(problems: Problem[]): string {
  const errors = problems.filter(({ level }) => level === "error").length;
  if (errors === 0) return "";
  return plural(errors, "problem");
}

/** Takes the focus to a step's content, and the view to its top, when the step changes. */
function useFocusOn(step: Step) {
  const content = useRef<HTMLDivElement>(null);
  const shown = useRef(step);
  useEffect(() => {
    if (shown.current === step) return;
    shown.current = step;
    content.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [step]);
  return content;
}
