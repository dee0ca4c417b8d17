import { shoot } from "./shots";
import { expect, test } from "./system";

test("tunings", async ({ page, system }) => {
  system.mark("varied", true);
  system.mark("chance", true);
  await page.goto("/tunings");
  await expect(page.getByRole("link", { name: "New tuning" })).toBeVisible();
  await shoot(page, "tunings-none");
  const features = await system.features("Rich features");
  const model = await system.model("Standard");
  await page.goto(`/tunings/new?features=${features.id}&model=${model.id}`);
  await expect(page.getByText(/Based on/)).toBeVisible();
  await expect(page.getByLabel("Lowest temperature")).toBeVisible();
  await shoot(page, "tunings-new");
  await page.getByRole("textbox", { name: "Trials", exact: true }).fill("8");
  await page.getByRole("button", { name: "Start the tuning" }).click();
  await expect(page.getByText(/best so far/)).toBeVisible({ timeout: 60_000 });
  await shoot(page, "tuning-running");
  await expect(page.getByText("What matters")).toBeVisible({ timeout: 120_000 });
  await expect(page.getByText("Completed", { exact: true }).first()).toBeVisible({
    timeout: 120_000,
  });
  await shoot(page, "tuning-ended");
  await page.goto("/tunings");
  await expect(page.getByRole("listitem").first()).toBeVisible();
  await shoot(page, "tunings");
});
