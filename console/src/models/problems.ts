/** What was said of a draft, by the field it is about. */
import type { Problem } from "@/api/schema";

export type Step = "type" | "architecture" | "training";

const STEP_FIELDS: Record<Step, string[]> = {
  type: ["name", "description", "spec.model_type"],
  architecture: [
    "spec.buyer_tower_layers",
    "spec.product_tower_layers",
    "spec.rating_head_layers",
    "spec.output_embedding_dim",
    "spec.share_tower_weights",
    "spec.retrieval_algorithm",
    "spec.top_k",
    "spec.reranker",
    "spec.scann_num_leaves",
    "spec.scann_leaves_to_search",
    "spec.normalize_embeddings",
    "spec.temperature",
    "spec.logq_correction",
    "spec.remove_accidental_hits",
  ],
  training: [
    "spec.optimizer",
    "spec.learning_rate",
    "spec.batch_size",
    "spec.loss_function",
    "spec.retrieval_weight",
    "spec.ranking_weight",
  ],
};

/** Whether a problem at `at` concerns the field `path` or something in it. */
function within(at: string, path: string): boolean {
  return at === path || at.startsWith(`${path}.`) || at.startsWith(`${path}[`);
}

/** Those about a field and all that is in it. */
export function under(problems: Problem[], path: string): Problem[] {
  return problems.filter((problem) => within(problem.path, path));
}

/** Those about a field itself. */
export function exactly(problems: Problem[], path: string): Problem[] {
  return problems.filter((problem) => problem.path === path);
}

export function stepOf({ path }: Problem): Step | null {
  const steps = Object.entries(STEP_FIELDS) as [Step, string[]][];
  return steps.find(([, fields]) => fields.some((field) => within(path, field)))?.[0] ?? null;
}

/** Those that no field on any page shows. */
export function elsewhere(problems: Problem[]): Problem[] {
  return problems.filter((problem) => stepOf(problem) === null);
}

export function errorText(problems: Problem[]): string | undefined {
  const messages = problems.filter(({ level }) => level === "error").map(({ message }) => message);
  return messages.length ? messages.join(" ") : undefined;
}

/** All problems, where earlier sources have said what is to be said of a field. */
export function merged(...sources: Problem[][]): Problem[] {
  const all: Problem[] = [];
  for (const source of sources) {
    const known = new Set(all.map(({ path }) => path));
    all.push(...source.filter(({ path }) => !known.has(path)));
  }
  return all;
}

/** What a refused save said, as problems. */
export function refusal(errors: Record<string, string>): Problem[] {
  return Object.entries(errors).map(([path, message]) => ({
    path,
    message,
    code: "refused",
    level: "error",
  }));
}
