import { expect } from "@playwright/test";
import type { System } from "./system";

/** Ids of what stands under *In use*. */
export interface InUse {
  registered: string;
  rules: string;
  schedule: string;
  experiment: string;
}

/**
 * A registered model with an experiment, a rule set and a schedule.
 * `test`: a completed one, over `dataset`; ids. `text` makes names and descriptions.
 */
export async function inUse(
  system: System,
  test: string,
  dataset: string,
  text: (start: string) => string,
): Promise<InUse> {
  const name = text("registered");
  await system.version({ id: test }, name);
  const { id } = await system.version({ id: test }, name, { epochs: 2 });
  const path = `/api/registered-models/${id}`;
  await system.call("POST", `${path}/promote/`, { version: 1 });
  await system.settled(`${path}/`);
  await system.call("POST", `${path}/experiment/start/`, {
    versions: [1, 2].map((version) => ({ version, share_percent: 50 })),
  });
  const rules = await system.call("POST", "/api/rule-sets/", {
    name: text("rules"),
    description: text("about rules"),
    spec: { dataset_id: dataset, rules: { filters: [{ type: "except", product_ids: ["p1"] }] } },
  });
  const schedule = await system.call("POST", "/api/schedules/", {
    name: text("schedule"),
    description: text("about a schedule"),
    spec: { model_id: id, cron: "0 3 29 2 *" },
  });
  await system.settled(`/api/rule-sets/${rules.id}/`);
  await system.settled(`/api/schedules/${schedule.id}/`);
  let experiment = "";
  await expect(async () => {
    const { status } = await system.call("GET", `${path}/`);
    experiment = status.experiment.id;
  }).toPass();
  return { registered: id, rules: rules.id, schedule: schedule.id, experiment };
}
