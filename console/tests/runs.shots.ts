import { shoot } from "./shots";
import { expect, test } from "./system";

test("a table of runs and its charts", async ({ page, system }) => {
  system.mark("varied", true);
  system.mark("chance", true);
  const features = await system.features("Everything about products");
  const names = ["Standard", "Minimal towers for the front page", "Deep"];
  const presets = ["standard", "minimal", "deep"];
  const ids: string[] = [];
  for (const [place, name] of names.entries()) {
    const model = await system.model(name, presets[place]);
    for (const learning_rate_override of [0.0003, 0.003, 0.03]) {
      const { id } = await system.quickTest(features, model, {
        ...{ data_sample_percent: 100, epochs: 2 + place, learning_rate_override },
      });
      await system.endedTest(id);
      ids.push(id);
    }
  }
  await system.call("PATCH", `/api/quick-tests/${ids[1]}/`, {
    ...{ add_tags: ["front page", "paper"], pinned: true },
    description: "The best of last week, kept to compare others with.",
  });
  await page.goto("/tests");
  await expect(page.getByRole("listitem").first()).toBeVisible();
  await shoot(page, "tests-marked");
  await page.goto("/tests?view=table&differing=1&sort=-metric:recall_at_100");
  await expect(page.getByRole("columnheader", { name: "Learning rate" })).toBeVisible();
  await shoot(page, "tests-table");
  await page.goto("/tests?view=scatter&x=setting:learning_rate");
  await expect(page.locator("svg circle").first()).toBeVisible();
  await shoot(page, "tests-scatter");
  await page.goto("/tests?view=parallel");
  await expect(page.getByText(/The stronger a line/)).toBeVisible();
  await shoot(page, "tests-parallel");
  await page.goto("/tests?view=curves");
  await expect(page.getByRole("list", { name: "Tests in these charts" })).toBeVisible();
  await shoot(page, "tests-curves");
  await page.goto(`/tests/${ids[1]}`);
  await expect(page.getByRole("region", { name: "Verdict" })).toBeVisible();
  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem", { name: "Name, note and tags" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await shoot(page, "tests-marks", false);
});
