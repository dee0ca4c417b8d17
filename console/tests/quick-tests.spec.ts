import { accessible, expect, System, test } from "./system";

test("before the first test, the page says what one is for", async ({ page }) => {
  test.slow();
  const empty = new System();
  try {
    await empty.up();
    await page.goto(`${empty.url}/tests`);
    await expect(page.getByRole("heading", { name: /Find out in minutes/ })).toBeVisible();
    await accessible(page);
  } finally {
    await empty.stop();
  }
});

test("a test is started, followed live through a restart of the server, and read", async ({
  page,
  system,
}) => {
  test.slow();
  const features = await system.features("Rich features");
  const model = await system.model("Standard");
  system.slow(true);
  await page.goto(`/tests/new?features=${features.id}&model=${model.id}`);
  await expect(page.getByText("The features are valid")).toBeVisible();
  await page.getByText("100%", { exact: true }).click();
  await expect(page.getByText(/Based on/)).toBeVisible();
  await accessible(page);
  await page.getByRole("button", { name: "Start the test" }).click();

  await expect(page.getByText("Training the towers …")).toBeVisible({ timeout: 30_000 });
  await accessible(page);
  await system.kill();
  await expect(page.getByText(/The server is not responding; trying again/)).toBeVisible();
  system.slow(false);
  await system.up();
  await expect(page.getByRole("region", { name: "Verdict" })).toContainText("recall@100", {
    timeout: 40_000,
  });
  await expect(page.getByRole("region", { name: "Verdict" })).toContainText("50.0%");
  await accessible(page);
  const shown = [
    ["Features", "Tower inputs"],
    ["Code", "Generated code"],
    ["Details", "How it was measured"],
  ] as const;
  for (const [tab, heading] of shown) {
    await page.getByRole("tab", { name: tab }).click();
    await expect(page.getByRole("heading", { name: heading })).toBeVisible();
    await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
    await accessible(page);
  }
});

test("a running test is cancelled, after a question", async ({ page, system }) => {
  test.slow();
  const features = await system.features("To cancel");
  const model = await system.model("Cancelled model");
  system.slow(true);
  const { id } = await system.quickTest(features, model, { data_sample_percent: 100 });
  await page.goto(`/tests/${id}`);
  await page.getByRole("button", { name: "Cancel the test" }).click();
  const question = page.getByRole("dialog", { name: "Cancel this test?" });
  await question.getByRole("button", { name: "Keep it running" }).click();
  await expect(question).toBeHidden();
  await page.getByRole("button", { name: "Cancel the test" }).click();
  await question.getByRole("button", { name: "Cancel the test" }).click();
  await expect(page.getByText("This test was cancelled.")).toBeVisible({ timeout: 30_000 });
  await expect(question).toBeHidden();
  system.slow(false);
  await accessible(page);
});

test("two tests are compared, and shown as a heatmap", async ({ page, system }) => {
  test.slow();
  const features = await system.features("Compared");
  const model = await system.model("Compared model");
  const ids: string[] = [];
  for (const epochs of [1, 2]) {
    const { id } = await system.quickTest(features, model, { data_sample_percent: 100, epochs });
    await system.endedTest(id);
    ids.push(id);
  }
  await page.goto(`/compare?tests=${ids.join(",")}`);
  await expect(page.getByRole("heading", { name: "Differences" })).toBeVisible();
  await expect(page.getByRole("row", { name: /Epochs/ })).toContainText("1");
  await accessible(page);
  await page.getByRole("link", { name: "As a heatmap" }).click();
  await expect(page.getByRole("table")).toContainText("50.0%");
  await accessible(page);

  const metrics = page.getByRole("combobox", { name: "Metric" });
  await page.goto(`/compare/heatmap?tests=${ids.join(",")}&metric=rmse`);
  await expect(page.getByText(/None of these tests has a metric 'rmse'/)).toBeVisible();
  await metrics.click();
  await expect(page.getByRole("option", { name: "recall@10", exact: true })).toBeVisible();
  await expect(page.getByRole("option", { name: "RMSE" })).toHaveCount(0);
  await page.getByRole("option", { name: "recall@10", exact: true }).click();
  await expect(page.getByRole("table")).toContainText("recall@10)");
});

test("a sweep is made, run and read", async ({ page, system }) => {
  test.slow();
  const features = await system.features("Swept");
  const model = await system.model("Swept model");
  await page.goto(`/sweeps/new?features=${features.id}&model=${model.id}`);
  await page.getByText("100%", { exact: true }).click();
  const seeds = page.getByRole("combobox", { name: /Training seed/ });
  await seeds.pressSequentially("1,2,");
  await expect(page.getByText("2 tests of at most 20")).toBeVisible();
  await accessible(page);
  await page.getByRole("button", { name: "Start the sweep" }).click();
  await expect(page.getByRole("heading", { name: "Which combination is best" })).toBeVisible({
    timeout: 40_000,
  });
  await expect(page.getByText("2 of 2 tests completed")).toBeVisible({ timeout: 40_000 });
  await accessible(page);
});

test("the model is asked for each list, and for somebody with other purchases", async ({
  page,
  system,
}) => {
  const { id } = await system.quickTest(
    await system.features("Asked"),
    await system.model("Asked", "minimal"),
  );
  await system.endedTest(id);
  await page.goto(`/tests/${id}`);
  await page.getByRole("tab", { name: "Recommendations" }).click();
  await page.getByRole("button", { name: /^c007/ }).click();
  await expect(page.getByText("3 days ago", { exact: true })).toBeVisible();
  await page.getByText("Discover", { exact: true }).click();
  await expect(page.getByText("There are no such products.")).toBeVisible();
  await page.getByText("Buy again", { exact: true }).click();
  await expect(page.getByText("3 days ago", { exact: true })).toBeVisible();
  await accessible(page);

  await page.getByRole("switch", { name: /^Other purchases/ }).check();
  await expect(page.getByText("There are no such products.")).toBeVisible();
  await page.getByRole("combobox", { name: "Product" }).fill("p");
  await page.getByLabel("Days ago").fill("12");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await expect(page.getByRole("cell", { name: "12 days ago" })).toBeVisible();
  await page.getByRole("combobox", { name: "Product" }).fill("nothing");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await expect(page.getByText("in the training data: nothing.")).toBeVisible();
  await accessible(page);
});
