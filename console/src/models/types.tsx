import { IconArrowsSplit2, IconSearch, IconStars } from "@tabler/icons-react";
import { catalogue } from "@/api/catalogue";
import type { ModelType, TaskInfo } from "@/api/schema";
import type { Meaning } from "@/theme/meaning";

/** How a type of model looks; what it is, the server says. */
export const LOOKS: Record<ModelType, { meaning: Meaning; icon: typeof IconSearch }> = {
  retrieval: { meaning: "buyer", icon: IconSearch },
  ranking: { meaning: "rating", icon: IconStars },
  multitask: { meaning: "multitask", icon: IconArrowsSplit2 },
};

export function modelTypes(): (TaskInfo & { name: ModelType })[] {
  return catalogue().tasks as (TaskInfo & { name: ModelType })[];
}

function task(type: ModelType): TaskInfo | undefined {
  return modelTypes().find(({ name }) => name === type);
}

/** The key of the preset that a new model begins with. */
export function firstPreset(type: ModelType): string | undefined {
  return task(type)?.preset;
}

/** Whether a model finds products for a customer. */
export function retrieves({ model_type }: { model_type: ModelType }): boolean {
  return task(model_type)?.retrieves ?? true;
}

/** Whether a model predicts ratings. */
export function rates({ model_type }: { model_type: ModelType }): boolean {
  return task(model_type)?.rates ?? false;
}

/** Whether it does both, so that the two tasks are weighed. */
export function weighs(model: { model_type: ModelType }): boolean {
  return retrieves(model) && rates(model);
}
