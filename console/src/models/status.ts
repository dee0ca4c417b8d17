import { validated } from "@/api/resource";
import type { ModelConfig } from "@/api/schema";
import type { Tone } from "@/ui/StatusBadge";

/** A model config's state in a word. */
export function modelStatus(model: ModelConfig): { tone: Tone; label: string } {
  if (!validated(model)) return { tone: "running", label: "Checking" };
  const { state, problems } = model.status.validation;
  if (state === "invalid") return { tone: "bad", label: "Needs changes" };
  return problems.length > 0
    ? { tone: "warning", label: "Ready, with notes" }
    : { tone: "good", label: "Ready" };
}
