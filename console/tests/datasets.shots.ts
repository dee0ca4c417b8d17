import { shoot } from "./shots";
import { expect, test } from "./system";

test("datasets", async ({ page, system }) => {
  await page.goto("/datasets");
  await expect(page.getByRole("heading", { name: "Start with your purchases" })).toBeVisible();
  await shoot(page, "datasets-empty");

  await page.goto("/datasets/new");
  await page.getByLabel("Path of the file").fill(system.csv("new.csv"));
  await page.getByRole("button", { name: "Read the columns" }).click();
  await expect(page.getByRole("heading", { name: "Column roles" })).toBeVisible();
  await shoot(page, "datasets-add");

  const dataset = await system.dataset("Shop");
  await system.dataset("A second shop");
  await page.goto(`/datasets/${dataset.id}`);
  await expect(page.getByText("1,200 purchases")).toBeVisible();
  await shoot(page, "dataset");

  await page.goto("/datasets");
  await expect(page.getByRole("link", { name: "A second shop" })).toBeVisible();
  await shoot(page, "datasets");
});
