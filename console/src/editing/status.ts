import { type AnyDocument, validated } from "@/api/resource";

import type { Tone } from "@/ui/StatusBadge";

/** A document's state in a word. */
export function documentStatus(document: AnyDocument): { tone: Tone; label: string } {
  if (!validated(document)) return { tone: "running", label: "Checking" };
  const { state, problems } = document.status.validation;
  if (state === "invalid") return { tone: "bad", label: "Invalid" };
  return problems.length > 0
    ? { tone: "warning", label: "Ready, with warnings" }
    : { tone: "good", label: "Ready" };
}
