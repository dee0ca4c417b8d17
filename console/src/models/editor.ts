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
  /** A new model, which has the towers of its task's first preset until they are changed. */
  begins: boolean;
}

/** What the form says of itself, once somebody has tried to save it. */
export function localProblems({ name }: Draft, asked: boolean): Problem[] {
  if (!asked || name.trim()) return [];
  const message = "Give the model a name, so that people find it.";
  return [{ path: "name", code: "missing", message, level: "error" }];
}
