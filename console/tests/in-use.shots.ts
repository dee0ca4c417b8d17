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
