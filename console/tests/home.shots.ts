import { shoot } from "./shots";
import { expect, test } from "./system";

test("the start page, at first and later", async ({ page, system }) => {
  await page.goto("/");
  await expect(page.getByText("none yet")).toHaveCount(4);
  await shoot(page, "home-empty");
  system.mark("varied", true);
  const features = await system.features("Rich features");
  const model = await system.model("Standard");
  for (const epochs of [1, 2, 3]) {
    const { id } = await system.quickTest(features, model, { data_sample_percent: 100, epochs });
    await system.endedTest(id);
  }
  await page.reload();
  await expect(page.getByText(/recall@100/)).toHaveCount(3);
  await shoot(page, "home");
});
