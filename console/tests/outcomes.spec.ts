import { accessible, expect, test } from "./system";

test("the start page says what comes next, and how the latest tests went", async ({
  page,
  system,
}) => {
  test.slow();
  await page.goto("/");
  await expect(page.getByText("none yet")).toHaveCount(4);
  await accessible(page);
  const { id } = await system.quickTest(
    await system.features("Begun"),
    await system.model("Begun model"),
    { data_sample_percent: 100 },
  );
  await system.endedTest(id);
  await page.reload();
  await expect(page.getByRole("link", { name: "1 dataset", exact: true })).toBeVisible();
  await expect(page.getByText("50.0% recall@100")).toBeVisible();
  await accessible(page);
});

test("a rating's column is chosen by its statistics, and predicted", async ({ page, system }) => {
  test.slow();
  const features = await system.features("Rated features");
  const model = await system.model("Rating model", "standard", { model_type: "multitask" });
  await page.goto(`/tests/new?features=${features.id}&model=${model.id}`);
  await page.getByText("100%", { exact: true }).click();
  const column = page.getByRole("combobox", { name: /Rating column/ });
  await column.click();
  await expect(page.getByRole("option", { name: "city" })).toHaveCount(0);
  await page.getByRole("option", { name: "price", exact: true }).click();
  await expect(page.getByText(/From 0\.99 to 40\.\d+, .* on average, .* missing in/)).toBeVisible();
  await expect(page.getByText("The rating can be predicted")).toBeVisible();
  await accessible(page);
  await page.getByRole("button", { name: "Start the test" }).click();
  await expect(page.getByRole("region", { name: "Verdict" })).toContainText("recall@100", {
    timeout: 40_000,
  });
  const metrics = page.getByRole("region", { name: "All metrics" });
  await expect(metrics.getByRole("row", { name: /RMSE/ })).toContainText("1.25");
  await expect(metrics.getByRole("row", { name: /RMSE/ })).toContainText("1.75");
  await expect(page.getByRole("heading", { name: /warnings?$/ })).toBeVisible();
  await accessible(page);
});

test("a failed test says clearly why, and what to do", async ({ page, system }) => {
  test.slow();
  const features = await system.features("Diverging");
  const model = await system.model("Diverging model");
  system.mark("broken", true);
  const { id } = await system.quickTest(features, model, { data_sample_percent: 100 });
  await system.endedTest(id);
  system.mark("broken", false);
  await page.goto(`/tests/${id}`);
  await expect(page.getByText("The test failed: Training the towers.")).toBeVisible();
  await expect(
    page.getByText(/^Training diverged: the loss became nan in epoch 1.*Lower the learning rate/),
  ).toBeVisible();
  await expect(page.getByRole("heading", { name: "Stages" })).toBeVisible();
  await expect(page.getByRole("img", { name: "failed" })).toBeVisible();
  await accessible(page);
  await page.getByRole("link", { name: "Change the settings and test again" }).click();
  await expect(page.getByRole("combobox", { name: "Features" })).toHaveValue("Diverging");
});

test("a good test is trained in full, and its features are promoted", async ({ page, system }) => {
  test.slow();
  const features = await system.features("Promising");
  const model = await system.model("Promising model");
  const { id } = await system.quickTest(features, model, { data_sample_percent: 100 });
  await system.endedTest(id);
  await page.goto(`/tests/${id}`);
  await page.getByRole("button", { name: "Train in full" }).click();
  const dialog = page.getByRole("dialog", { name: /Train on all data/ });
  await dialog.getByLabel(/Maximum epochs/).fill("3");
  await accessible(page);
  await dialog.getByRole("button", { name: "Start training" }).click();
  await expect(page.getByText("Full training: completed")).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText("100% of the customers, 3 epochs")).toBeVisible();
  await expect(page.getByRole("button", { name: "Train in full" })).toHaveCount(0);
  const lifecycle = async () =>
    (await system.call("GET", `/api/feature-configs/${features.id}/`)).status.lifecycle;
  await expect.poll(lifecycle).toBe("promoted");
});

test("sample vectors stand beside the builder once a test has run", async ({ page, system }) => {
  test.slow();
  const features = await system.features("Sampled");
  await page.goto(`/features/${features.id}/edit`);
  await expect(page.getByText(/appear here after the first quick test/)).toBeVisible();
  const { id } = await system.quickTest(features, await system.model("Sampling model"), {
    data_sample_percent: 100,
  });
  await system.endedTest(id);
  await page.reload();
  await expect(page.getByText("Samples from the quick test of version 1")).toBeVisible();
  const customer = page.getByRole("combobox", { name: "Customer of the buyer tensor" });
  await expect(customer).toHaveValue("c0000");
  const first = await page.getByRole("definition").first().textContent();
  await customer.click();
  await page.getByRole("option", { name: "c0003" }).click();
  await expect(customer).toHaveValue("c0003");
  await expect(page.getByRole("definition").first()).not.toHaveText(first ?? "");
  await accessible(page);

  await page.goto(`/tests/${id}?tab=features`);
  await page.getByRole("combobox", { name: "Product" }).click();
  await page.getByRole("option", { name: "p0007" }).click();
  await expect(page.getByText(`${features.status.buyer_tensor.total} dimensions`)).toBeVisible();
  await accessible(page);
});
