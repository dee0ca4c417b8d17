import { accessible, expect, test } from "./system";

test("a schedule is made, paused, run and changed", async ({ page, system }) => {
  test.slow();
  await page.goto("/in-use/schedules");
  await expect(page.getByText("Keep a model fresh")).toBeVisible();
  await expect(page.getByText("It needs a model", { exact: false })).toBeVisible();
  await accessible(page);
  await system.registered("Grocery");
  await page.goto("/in-use/schedules/new");
  await expect(page.getByRole("combobox", { name: "Model" })).toHaveValue("Grocery");
  const fires = page.getByRole("complementary", { name: "When it fires" });
  await expect(fires).toContainText("Every day at 03:00");
  await expect(fires.getByRole("listitem")).toHaveCount(5);

  const cron = page.getByRole("textbox", { name: "Cron expression" });
  await cron.fill("*/5 * * * *");
  await expect(page.getByText("It fires twice within 5 min", { exact: false })).toBeVisible();
  await page.getByRole("button", { name: "Mondays" }).click();
  await expect(fires).toContainText("Every Monday at 03:00");
  await expect(fires.getByRole("listitem").first()).toContainText("Mon");
  await page.getByRole("textbox", { name: "Epochs" }).fill("2");
  await accessible(page);
  await page.getByRole("button", { name: "Save schedule" }).click();

  await expect(page.getByRole("heading", { level: 1, name: "Grocery" })).toBeVisible();
  await expect(page.getByText("On", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByText("Paused", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Run now" }).click();
  await expect(page.getByText("Begins within a minute", { exact: true })).toBeVisible();
  await accessible(page);
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
  await page.getByRole("link", { name: "Edit" }).click();
  await expect(page.getByRole("textbox", { name: "Epochs" })).toHaveValue("2");
});
