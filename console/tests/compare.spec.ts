import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { accessible, type Document, expect, type System, test } from "./system";

/** Completed tests, one for each of the settings. */
async function completed(
  system: System,
  name: string,
  ...settings: object[]
): Promise<{ features: Document; model: Document; ids: string[] }> {
  system.mark("varied", true);
  system.mark("chance", true);
  const features = await system.features(name);
  const model = await system.model(`${name} model`);
  const ids: string[] = [];
  for (const spec of settings) {
    const { id } = await system.quickTest(features, model, { data_sample_percent: 100, ...spec });
    await system.endedTest(id);
    ids.push(id);
  }
  return { features, model, ids };
}

async function saved(page: Page): Promise<{ name: string; text: string }> {
  const coming = page.waitForEvent("download");
  await page.getByRole("button", { name: "CSV" }).click();
  const file = await coming;
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), "utf8") };
}

test("what is clearly better is told from chance, unlike tests are kept apart, and all can be taken along", async ({
  page,
  system,
}) => {
  test.slow();
  const { ids } = await completed(
    system,
    "Told apart",
    { epochs: 3 },
    { epochs: 1 },
    { epochs: 3, training_seed: 7 },
    { epochs: 3, data_sample_percent: 50 },
  );
  await page.goto(`/compare?tests=${ids.join(",")}`);
  const first = page.getByRole("region", { name: /^Group 1/ });
  await expect(first.getByRole("listitem")).toHaveCount(3);
  await expect(first.getByRole("listitem").first()).toContainText(
    /Clearly the best|Beats|No clear gain/,
  );
  await expect(first.getByText("No clear difference")).toHaveCount(1);
  await expect(first.getByText("Worse", { exact: true })).toHaveCount(1);
  const second = page.getByRole("region", { name: /^Group 2/ });
  await expect(second).toContainText("other sample: 100% against 50%");
  await expect(second.getByRole("listitem")).toHaveCount(1);
  await accessible(page);

  const table = await saved(page);
  expect(table.name).toBe("comparison.csv");
  expect(table.text.trim().split("\n")).toHaveLength(5);
  expect(table.text).toContain("Epochs");

  await page.getByRole("link", { name: "As a heatmap" }).click();
  await expect(page.getByRole("table")).toBeVisible();
  await page.getByRole("combobox", { name: "Evaluated on" }).click();
  await page.getByRole("option", { name: /50%/ }).click();
  await expect(page).toHaveURL(/group=/);
  await accessible(page);
  const heatmap = await saved(page);
  expect(heatmap.name).toBe("heatmap.csv");
  expect(heatmap.text.trim().split("\n").length).toBeGreaterThan(1);
});

test("what each column is worth is swept, and drawn with intervals", async ({ page, system }) => {
  test.slow();
  const { features, model } = await completed(system, "Ablated");
  await page.goto(`/sweeps/new?features=${features.id}&model=${model.id}`);
  await page.getByText("Ablation of columns").click();
  await page.getByText("100%", { exact: true }).click();
  await expect(page.getByText(/\d tests of at most 20/)).toBeVisible();
  await page.getByText("Which?").click();
  await expect(page.getByText("all columns", { exact: true })).toBeVisible();
  await accessible(page);
  await page.getByRole("button", { name: "Start the sweep" }).click();
  await expect(page.getByText("Completed", { exact: true }).first()).toBeVisible({
    timeout: 90_000,
  });
  const worth = page.getByRole("region", { name: "What each column is worth" });
  await expect(worth).toContainText("recall@100");
  await expect(worth.getByText(/without city/).first()).toBeVisible();
  await expect(worth).toContainText(/\d\.\d%.*\d\.\d/);
  await accessible(page);
});

test("of many tests, those to compare are found and chosen", async ({ page, system }) => {
  test.slow();
  const { features, model } = await completed(system, "Chosen", {}, { epochs: 3 });
  await page.goto("/compare");
  const search = page.getByRole("textbox", { name: "Search tests" });
  await search.fill("chosen");
  const boxes = page.getByRole("checkbox", { name: /^Chosen/ });
  await expect(boxes).toHaveCount(2);
  await expect(page.getByRole("button", { name: "Select at least two" })).toBeDisabled();
  for (const box of await boxes.all()) await box.check();
  await accessible(page);
  await page.getByRole("button", { name: "Compare 2 tests" }).click();
  await expect(page.getByRole("heading", { name: "Differences" })).toBeVisible();
  await page.getByRole("button", { name: "Change selection" }).click();
  const dialog = page.getByRole("dialog", { name: "Tests to compare" });
  await expect(dialog.getByRole("checkbox", { checked: true })).toHaveCount(2);
  await accessible(page);
  await dialog.press("Escape");
  await expect(dialog).toBeHidden();

  // As many as come in a year: those that wait are enough to fill the list.
  system.slow(true);
  for (let n = 0; n < 52; n++) {
    await system.quickTest(features, model, { data_sample_percent: 100, seed: n });
  }
  await page.goto("/tests");
  const rows = page.getByRole("listitem").filter({ has: page.getByRole("checkbox") });
  await expect(rows).toHaveCount(50);
  await page.getByRole("button", { name: "Show more" }).click();
  await expect(page.getByRole("button", { name: "Show more" })).toBeHidden();
  await page.getByRole("button", { name: "Filters" }).click();
  await page.getByRole("combobox", { name: "State" }).click();
  await page.getByRole("option", { name: "Completed" }).click();
  await expect(page).toHaveURL(/state=completed/);
  await page
    .getByRole("checkbox", { name: /^Select Chosen/ })
    .first()
    .check();
  await page
    .getByRole("checkbox", { name: /^Select Chosen/ })
    .nth(1)
    .check();
  const chosen = page.getByRole("region", { name: "Selected tests" });
  await expect(chosen).toContainText("2 tests selected");
  await accessible(page);
  await chosen.getByRole("link", { name: "Compare" }).click();
  await expect(page.getByRole("heading", { name: "Differences" })).toBeVisible();
});
