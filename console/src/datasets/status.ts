import { validated } from "@/api/resource";
import type { Dataset } from "@/api/schema";
import type { Tone } from "@/ui/StatusBadge";

export function datasetStatus(dataset: Dataset): { tone: Tone; label: string } {
  if (!validated(dataset)) return { tone: "running", label: "Reading the data" };
  if (dataset.status.validation.state === "invalid") return { tone: "bad", label: "Not usable" };
  return dataset.status.validation.problems.length
    ? { tone: "warning", label: "Ready, with warnings" }
    : { tone: "good", label: "Ready" };
}
