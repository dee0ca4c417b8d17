import { shoot } from "./shots";
import { expect, test } from "./system";

test("quick tests, comparisons and sweeps", async ({ page, system }) => {
  system.mark("varied", true);
  system.mark("chance", true);
  const features = await system.features("Rich features");
  const model = await system.model("Standard");
  const { id } = await system.quickTest(features, model, { data_sample_percent: 100 });
  const other = await system.quickTest(features, model, { data_sample_percent: 100, epochs: 3 });
  await system.endedTest(id);
  await system.endedTest(other.id);
  await page.goto(`/tests/new?from=${id}`);
  await expect(page.getByText(/Based on/)).toBeVisible();
  await shoot(page, "tests-start");
  await page.goto(`/tests/${id}`);
  await expect(page.getByRole("region", { name: "Verdict" })).toBeVisible();
  await shoot(page, "test-results");
  await page.goto("/tests");
  await expect(page.getByRole("listitem").first()).toBeVisible();
  await shoot(page, "tests");
  await page.goto(`/compare?tests=${id},${other.id}`);
  await expect(page.getByRole("heading", { name: "Differences" })).toBeVisible();
  await shoot(page, "compare");
  await page.goto(`/compare/heatmap?tests=${id},${other.id}`);
  await expect(page.getByRole("table")).toBeVisible();
  await shoot(page, "heatmap");
  const sweep = await system.call("POST", "/api/sweeps/", {
    name: "Which rate, and how many at once",
    spec: {
      feature_config_ids: [features.id],
      model_config_ids: [model.id],
      overrides: [0.001, 0.01].flatMap((learning_rate_override) =>
        [64, 256].map((batch_size_override) => ({ learning_rate_override, batch_size_override })),
      ),
      data_sample_percent: 100,
    },
  });
  await page.goto(`/sweeps/${sweep.id}`);
  await expect(page.getByText("4 of 4 tests completed")).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole("table", { name: /by/ })).toBeVisible();
  await shoot(page, "sweep");
  const ablation = await system.call("POST", "/api/sweeps/", {
    name: "What each column is worth",
    spec: {
      feature_config_ids: [features.id],
      model_config_ids: [model.id],
      ablation: true,
      data_sample_percent: 100,
    },
  });
  await page.goto(`/sweeps/${ablation.id}`);
  await expect(page.getByText(/^(\d+) of \1 tests completed$/)).toBeVisible({ timeout: 90_000 });
  await shoot(page, "sweep-ablation");
  await page.goto("/sweeps");
  await expect(page.getByRole("listitem").first()).toBeVisible();
  await shoot(page, "sweeps");
  await page.goto(`/sweeps/new?features=${features.id}&model=${model.id}`);
  await expect(page.getByText(/Based on/)).toBeVisible();
  await shoot(page, "sweeps-new");
  await page.goto(`/tests/${id}?tab=code`);
  await expect(page.getByRole("region", { name: /^Source of/ })).toBeVisible();
  await shoot(page, "test-code");
  const rating = await system.model("Rating", "standard", { model_type: "multitask" });
  const rated = await system.quickTest(features, rating, {
    data_sample_percent: 100,
    rating_column: "price",
  });
  await system.endedTest(rated.id);
  await page.goto(`/tests/${rated.id}`);
  await expect(page.getByRole("region", { name: "Verdict" })).toBeVisible();
  await shoot(page, "test-rating");
  await page.goto(`/tests/${id}?tab=features`);
  await expect(page.getByText(/dimensions/).first()).toBeVisible();
  await shoot(page, "test-features");
  system.mark("broken", true);
  const broken = await system.quickTest(features, model, { data_sample_percent: 100, epochs: 5 });
  await system.endedTest(broken.id);
  system.mark("broken", false);
  await page.goto(`/tests/${broken.id}`);
  await expect(page.getByText("The test failed: Training the towers.")).toBeVisible();
  await shoot(page, "test-failed");
  await page.goto(`/tests/new?features=${features.id}&model=${rating.id}`);
  await expect(page.getByText("Rating column")).toBeVisible();
  await shoot(page, "tests-start-rating");
  system.slow(true);
  const live = await system.quickTest(features, model, { data_sample_percent: 100 });
  await page.goto(`/tests/${live.id}`);
  await expect(page.getByText("Training the towers …")).toBeVisible({ timeout: 30_000 });
  await shoot(page, "test-live");
  system.slow(false);
});
