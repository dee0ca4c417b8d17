import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { shoot } from "./shots";
import { expect, type System, test } from "./system";

async function ruled(system: System) {
  const features = await system.features("Rich features");
  const { id } = await system.quickTest(features, await system.model("Standard"), {
    data_sample_percent: 100,
  });
  await system.endedTest(id);
  return features.spec.dataset_id as string;
}

test("rule sets", async ({ page, system }) => {
  await page.goto("/in-use/rules");
  await expect(page.getByRole("link", { name: "New rule set" })).toBeVisible();
  await shoot(page, "rules-none");
  const dataset_id = await ruled(system);
  const rules = {
    filters: [
      { type: "in", column: "category", values: ["category 1", "category 2"] },
      { type: "range", column: "price", max: 20 },
      { type: "not_bought_within", days: 30 },
      { type: "except", product_ids: ["p"] },
    ],
    caps: [{ column: "subcategory", at_most: 2 }],
    pins: [{ product_id: "p14", place: 1 }],
  };
  const made = await system.call("POST", "/api/rule-sets/", {
    name: "Front page",
    spec: { dataset_id, rules },
  });
  await system.call("POST", "/api/rule-sets/", {
    name: "Only what is cheap",
    spec: { dataset_id, rules: { filters: [{ type: "range", column: "price", max: 5 }] } },
  });
  await system.settled(`/api/rule-sets/${made.id}/`);
  await page.goto("/in-use/rules");
  await expect(page.getByText("Ready")).toHaveCount(2);
  await shoot(page, "rules");
  await page.goto(`/in-use/rules/${made.id}`);
  await page.getByRole("button", { name: "Show the lists" }).click();
  await expect(page.getByRole("region", { name: "Under the rules" })).toContainText("p14");
  await shoot(page, "rule-set");
  await page.goto(`/in-use/rules/${made.id}/edit`);
  await expect(page.getByText("of 60")).toBeVisible();
  await shoot(page, "rule-set-edit");
});

test("schedules and experiments", async ({ page, system }) => {
  const features = await system.features("Rich features");
  const trained = await system.quickTest(features, await system.model("Standard"), {
    data_sample_percent: 100,
  });
  await system.endedTest(trained.id);
  const { id } = await system.version(trained, "Grocery");
  await system.call("POST", `/api/registered-models/${id}/promote/`, { version: 1 });
  await system.version(trained, "Grocery", { epochs: 2 });
  await page.goto("/in-use");
  await expect(page.getByText("Version 1")).toBeVisible();
  await shoot(page, "in-use");
  await page.goto("/in-use/schedules/new");
  await expect(page.getByText("Every day at 03:00", { exact: false })).toBeVisible();
  await shoot(page, "schedules-new");
  const spec = { model_id: id, cron: "0 3 * * mon", zone: "Europe/Berlin", epochs: 2 };
  const made = await system.call("POST", "/api/schedules/", { name: "Grocery, weekly", spec });
  await system.settled(`/api/schedules/${made.id}/`);
  await page.goto(`/in-use/schedules/${made.id}`);
  await expect(page.getByText("Every Monday", { exact: false })).toBeVisible();
  await shoot(page, "schedule");
  await page.goto("/in-use/schedules");
  await expect(page.getByText("Grocery, weekly")).toBeVisible();
  await shoot(page, "schedules");
  await page.goto("/in-use/experiments/new");
  await expect(page.getByText("It takes", { exact: false })).toBeVisible();
  await shoot(page, "experiments-new");
  await system.call("POST", `/api/registered-models/${id}/experiment/start/`, {
    versions: [
      { version: 1, share_percent: 80 },
      { version: 2, share_percent: 20 },
    ],
  });
  await page.goto(`/in-use/experiments/${id}`);
  await expect(page.getByText("Running", { exact: true })).toBeVisible();
  const files = { exposures: "exposures.csv", outcomes: "outcomes.csv" };
  const seen = ["customer_id,version,time"];
  const bought = ["customer_id,product_id,time,value", "c1,p1,2026-01-20T00:00:00Z,1"];
  for (let n = 0; n < 1000; n++) {
    seen.push(`c${n},${n % 5 === 0 ? 2 : 1},2026-01-0${1 + (n % 3)}T00:00:00Z`);
    if (n % 10 < 2) bought.push(`c${n},p1,2026-01-04T00:00:00Z,${n % 17}`);
  }
  writeFileSync(join(system.folder, files.exposures), `${seen.join("\n")}\n`);
  writeFileSync(join(system.folder, files.outcomes), `${bought.join("\n")}\n`);
  await page.getByRole("textbox", { name: "Exposures" }).fill(join(system.folder, files.exposures));
  await page.getByRole("textbox", { name: "Outcomes" }).fill(join(system.folder, files.outcomes));
  await page.getByRole("button", { name: "Measure" }).click();
  await expect(page.getByRole("region", { name: "Result" })).toBeVisible();
  await shoot(page, "experiment");
  await page.goto("/in-use/experiments");
  await expect(page.getByText("80%", { exact: false })).toBeVisible();
  await shoot(page, "experiments");
  await page.goto(`/tests/${trained.id}?tab=recommendations`);
  await page.getByRole("button", { name: "Rules by hand" }).click();
  await page.getByRole("button", { name: "Add a filter" }).click();
  await shoot(page, "playground-rules");
});
