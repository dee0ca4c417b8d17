import { validated } from "@/api/resource";
import type { ModelConfig } from "@/api/schema";
import type { Tone } from "@/ui/StatusBadge";

/** A model config's state in a word. */
export function modelStatus(model: ModelConfig): { tone: Tone; label: string } {
  if (!validated(model)) return { tone: "running", label: "Checking" };
  const { state, problems } = model.status.validation;
  if (state === "invalid") return { tone: "bad", label: "Invalid" };
  return problems.length > 0
    ? { tone: "warning", label: "Ready, with warnings" }
    : { tone: "good", label: "Ready" };
}
