import { shoot } from "./shots";
import { expect, test } from "./system";

test("what a file keeps, and what a change did", async ({ page, system }) => {
  const config = await system.features("Ids and history", await system.dataset("Corner shop"));
  const model = await system.model("Standard");
  const tested = async () => {
    const { id } = await system.quickTest(config, model, { data_sample_percent: 100 });
    await system.endedTest(id);
  };
  await tested();
  const [first, ...rest] = config.spec.buyer_model_features;
  const path = `/api/feature-configs/${config.id}/`;
  await system.call("PUT", path, {
    name: config.name,
    managed_by: { path: "recommendations/features/ids-and-history.yaml" },
    spec: { ...config.spec, buyer_model_features: [{ ...first, embedding_dim: 128 }, ...rest] },
  });
  await system.settled(path);
  await tested();
  await page.goto(`/features/${config.id}`);
  await expect(page.getByText("Kept in")).toBeVisible();
  await shoot(page, "owned");
  await page.getByRole("button", { name: /^Version 1/ }).click();
  await expect(page.getByRole("dialog", { name: "Version 1" })).toContainText("128");
  await shoot(page, "version-in-words", false);
});
