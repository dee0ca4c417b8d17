import type { Dataset, ModelConfig, Problem, QuickTest, QuickTestSpec } from "@/api/schema";

/** A quick test's spec while it is being chosen. */
export type Draft = Omit<QuickTestSpec, "feature_config_id" | "model_config_id"> & {
  feature_config_id: string | null;
  model_config_id: string | null;
};

export const PLAIN: Draft = {
  feature_config_id: null,
  model_config_id: null,
  feature_config_revision: null,
  model_config_revision: null,
  rating_column: null,
  data_sample_percent: 10,
  sample_by: "customer",
  split: { strategy: "auto", holdout_percent: 10 },
  seed: 42,
  training_seed: null,
  epochs: 2,
  batch_size_override: null,
  learning_rate_override: null,
  leave_out: [],
  purpose: "quick_test",
  early_stopping_patience: null,
  source_test_id: null,
  sweep_id: null,
  runner: "direct",
};

/** A test's settings, to change and try again: with the configs as they are now. */
export function draftOf(test: QuickTest): Draft {
  return {
    ...test.spec,
    feature_config_revision: null,
    model_config_revision: null,
    purpose: "quick_test",
    source_test_id: null,
    sweep_id: null,
  };
}

/** What can be sent; null as long as a config is missing. A retrieval model predicts no rating. */
export function specOf(draft: Draft, model: ModelConfig | undefined): QuickTestSpec | null {
  const { feature_config_id, model_config_id } = draft;
  if (!feature_config_id || !model_config_id) return null;
  const rates = model ? model.spec.model_type !== "retrieval" : true;
  return {
    ...draft,
    feature_config_id,
    model_config_id,
    rating_column: rates ? draft.rating_column : null,
  };
}

export interface Check {
  label: string;
  state: "good" | "warning" | "bad" | "open";
  messages: string[];
}

const CHECKS: { label: string; under: (path: string) => boolean }[] = [
  { label: "The features are valid", under: (path) => path.startsWith("spec.feature_config_id") },
  { label: "The model is valid", under: (path) => path.startsWith("spec.model_config_id") },
  { label: "The rating can be predicted", under: (path) => path.startsWith("spec.rating_column") },
];

/** What has been checked, in the order in which it is chosen; `problems` is null before. */
export function checksOf(draft: Draft, problems: Problem[] | null, rates: boolean): Check[] {
  const chosen = [draft.feature_config_id !== null, draft.model_config_id !== null, true];
  const parts = CHECKS.slice(0, rates ? 3 : 2).map(({ label, under }, place) =>
    check(label, problems?.filter(({ path }) => under(path)) ?? null, chosen[place] ?? true),
  );
  const rest = problems?.filter(({ path }) => !CHECKS.some(({ under }) => under(path))) ?? null;
  return [...parts, check("They fit together, and the settings fit the data", rest, true)];
}

function check(label: string, problems: Problem[] | null, chosen: boolean): Check {
  if (!chosen || problems === null) return { label, state: "open", messages: [] };
  const bad = problems.some(({ level }) => level === "error");
  return {
    label,
    state: bad ? "bad" : problems.length ? "warning" : "good",
    messages: problems.map(({ message }) => message),
  };
}

/** Messages of a level about a field and what is beneath it, joined. */
export function messageAt(
  problems: Problem[],
  path: string,
  level: Problem["level"],
): string | undefined {
  const found = problems.filter(
    (problem) =>
      problem.level === level && (problem.path === path || problem.path.startsWith(`${path}.`)),
  );
  return found.length ? found.map(({ message }) => message).join(" ") : undefined;
}

/** Columns that hold numbers, and thus can be predicted. */
export function numericColumns(dataset: Dataset | undefined) {
  return (dataset?.status.columns ?? []).filter(
    ({ type }) => type === "INTEGER" || type === "FLOAT",
  );
}
