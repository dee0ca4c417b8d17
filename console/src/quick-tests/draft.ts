import { catalogue, defaultsOf } from "@/api/catalogue";
import type {
  Dataset,
  ModelConfig,
  Problem,
  QuickTest,
  QuickTestSpec,
  QuickTestSummary,
} from "@/api/schema";
import { rates } from "@/models/types";

const RATING = "rating";

/** A quick test's spec while it is being chosen. */
export type Draft = Omit<QuickTestSpec, "feature_config_id" | "model_config_id"> & {
  feature_config_id: string | null;
  model_config_id: string | null;
};

/** One with nothing but the server's defaults. */
export function plain(): Draft {
  return {
    ...(defaultsOf("quick_test") as Omit<Draft, "feature_config_id" | "model_config_id">),
    feature_config_id: null,
    model_config_id: null,
  };
}

/**
 * A test's settings, to change and try again: with the configs as they are now, over all of its
 * sample's customers.
 */
export function draftOf(test: Pick<QuickTest, "spec">): Draft {
  const { split, trained_percent, judged_percent } = plain();
  return {
    ...test.spec,
    feature_config_revision: null,
    model_config_revision: null,
    purpose: "quick_test",
    source_test_id: null,
    sweep_id: null,
    tuning_id: null,
    trained_percent,
    judged_percent,
    split: { ...test.spec.split, judged_on: split.judged_on },
  };
}

/** The same test once more: its settings, over the configs as they were tested. */
export function rerunOf({ spec, status: { pinned } }: QuickTestSummary): QuickTestSpec {
  return {
    ...spec,
    feature_config_revision: pinned?.feature_config_revision ?? spec.feature_config_revision,
    model_config_revision: pinned?.model_config_revision ?? spec.model_config_revision,
    sweep_id: null,
    tuning_id: null,
  };
}

/** What can be sent; null as long as a config is missing. A retrieval model predicts no rating. */
export function specOf(draft: Draft, model: ModelConfig | undefined): QuickTestSpec | null {
  const { feature_config_id, model_config_id } = draft;
  if (!feature_config_id || !model_config_id) return null;
  const rated = model ? rates(model.spec) : true;
  return {
    ...draft,
    feature_config_id,
    model_config_id,
    rating_column: rated ? draft.rating_column : null,
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
export function checksOf(draft: Draft, problems: Problem[] | null, rated: boolean): Check[] {
  const chosen = [draft.feature_config_id !== null, draft.model_config_id !== null, true];
  const parts = CHECKS.slice(0, rated ? 3 : 2).map(({ label, under }, place) =>
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
      problem.level === level &&
      (problem.path === path || [".", "["].some((next) => problem.path.startsWith(path + next))),
  );
  return found.length ? found.map(({ message }) => message).join(" ") : undefined;
}

/** The column that the dataset says is a rating: predicted where no other is chosen. */
export function ratingOf(dataset: Dataset | undefined): string | null {
  const mapping = Object.entries(dataset?.spec.column_mapping ?? {});
  return mapping.find(([, role]) => role === RATING)?.[0] ?? null;
}

/** Columns that can be predicted: those that could have the role of a rating. */
export function ratableColumns(dataset: Dataset | undefined) {
  const types = catalogue().roles.find(({ name }) => name === RATING)?.types ?? [];
  return (dataset?.status.columns ?? []).filter(({ type }) => types.includes(type));
}
