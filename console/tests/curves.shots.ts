import { shoot } from "./shots";
import { expect, test } from "./system";

test("learning curves", async ({ page, system }) => {
  system.mark("varied", true);
  system.mark("chance", true);
  const features = await system.features("Rich features");
  const model = await system.model("Standard");
  const { id } = await system.quickTest(features, model);
  await system.endedTest(id);
  await page.goto(`/tests/${id}`);
  await page.getByRole("button", { name: "Learning curves" }).click();
  await expect(page.getByText(/6 tests|8 tests|5 tests/)).toBeVisible();
  await shoot(page, "curves-form", false);
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await expect(page.getByText("Whether more data or more epochs help")).toBeVisible({
    timeout: 60_000,
  });
  await shoot(page, "curves-running");
  await expect(page.getByRole("list", { name: "Advice" })).toBeVisible({ timeout: 120_000 });
  await expect(page.getByText("Completed", { exact: true }).first()).toBeVisible({
    timeout: 60_000,
  });
  await shoot(page, "curves-ended");
});
