import type { Problem } from "@/api/schema";
import type { Draft } from "./draft";
import type { useTrial } from "./useTrial";

/** What each step of the editor works with. */
export interface Editor {
  draft: Draft;
  change: (next: (draft: Draft) => Draft) => void;
  trial: ReturnType<typeof useTrial>;
  problems: Problem[];
  /** Features that parameters are counted over. */
  features: string | null;
}

/** What can be said without asking. */
export function localProblems({ name, settings }: Draft, asked: boolean): Problem[] {
  const found: Problem[] = [];
  if (asked && !name.trim()) {
    found.push({
      path: "name",
      code: "missing",
      message: "Give the model a name, so that people find it.",
      level: "error",
    });
  }
  const { model_type, retrieval_weight, ranking_weight } = settings;
  if (model_type === "multitask" && retrieval_weight === 0 && ranking_weight === 0) {
    found.push({
      path: "spec.retrieval_weight",
      code: "no_loss_weight",
      message: "With both weights 0 nothing is learned. Raise one of them above 0.",
      level: "error",
    });
  }
  return found;
}
