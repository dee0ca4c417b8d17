import { shoot } from "./shots";
import { expect, test } from "./system";

test("history, re-ranker and lists", async ({ page, system }) => {
  const dataset = await system.dataset();
  const { id } = await system.call("POST", "/api/feature-configs/", {
    name: "With history",
    spec: {
      dataset_id: dataset.id,
      buyer_model_features: [
        { column: "customer_id", type: "string_embedding" },
        { column: "product_id", type: "history" },
      ],
      product_model_features: [{ column: "product_id", type: "string_embedding" }],
    },
  });
  await page.goto(`/features/${id}/edit?step=columns`);
  await expect(page.getByText("product_id_history")).toBeVisible();
  await shoot(page, "features-history");
  const buyer = page.getByRole("region", { name: "Buyer tower" });
  await buyer.getByRole("button", { name: "Settings of product_id" }).click();
  await expect(page.getByLabel("Half-lives (days)")).toBeVisible();
  await shoot(page, "modal-history", false);

  const model = await system.model("Re-ranked", "minimal", { reranker: {} });
  await page.goto(`/models/${model.id}/edit?step=architecture`);
  await expect(page.getByLabel("Units")).toBeVisible();
  await shoot(page, "model-reranker");
  await page.goto(`/models/${model.id}`);
  await expect(page.getByText("re-ranked", { exact: true })).toBeVisible();
  await shoot(page, "model-reranked");

  const test = await system.quickTest(await system.features(), model);
  await system.endedTest(test.id);
  await page.goto(`/tests/${test.id}`);
  await page.getByRole("tab", { name: "Recommendations" }).click();
  await page.getByRole("button", { name: /^c007/ }).click();
  await expect(page.getByText("3 days ago", { exact: true })).toBeVisible();
  await page.getByRole("switch", { name: /^Other purchases/ }).check();
  await page.getByRole("combobox", { name: "Product" }).fill("p");
  await page.getByLabel("Days ago").fill("12");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await expect(page.getByRole("cell", { name: "12 days ago" })).toBeVisible();
  await shoot(page, "test-recommendations");
});
