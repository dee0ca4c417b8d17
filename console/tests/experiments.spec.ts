import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { accessible, expect, test } from "./system";

test("an experiment is started, measured and ended", async ({ page, system }) => {
  test.slow();
  const features = await system.features();
  const trained = await system.quickTest(features, await system.model(), {
    data_sample_percent: 100,
  });
  await system.endedTest(trained.id);
  const { id } = await system.version(trained, "Grocery");
  await system.call("POST", `/api/registered-models/${id}/promote/`, { version: 1 });
  await system.version(trained, "Grocery", { epochs: 2 });
  await page.goto("/in-use/experiments");
  await page.getByRole("link", { name: "New experiment" }).click();
  await expect(page.getByRole("combobox", { name: "Model" })).toHaveValue("Grocery");
  await expect(page.getByText(/It takes [\d,]+ customers/)).toBeVisible();

  // Shares that do not sum to 100 keep it from starting.
  const shares = page.getByRole("textbox", { name: "Share (%)" });
  await shares.last().fill("20");
  await expect(page.getByText("The shares sum to 70%.", { exact: false })).toBeVisible();
  const start = page.getByRole("button", { name: "Start the experiment" });
  await expect(start).toBeDisabled();
  await shares.first().fill("80");
  await start.click();
  await expect(page.getByText("Choose a version.")).toBeVisible();
  await page.getByRole("combobox", { name: "Version B" }).click();
  await page.getByRole("option", { name: "Version 2", exact: false }).click();
  await accessible(page);
  await start.click();
  await expect(
    page.getByRole("heading", { level: 1, name: "Version 1 (80%) against 2 (20%)" }),
  ).toBeVisible();
  await expect(page.getByText("Running", { exact: true })).toBeVisible();

  // The log of 1,000 customers, and orders of more of those who saw version 2.
  const seen = ["customer_id,version,time"];
  const bought = ["customer_id,product_id,time"];
  for (let n = 0; n < 1000; n++) {
    const version = n % 5 === 0 ? 2 : 1;
    seen.push(`c${n},${version},2026-01-01T00:00:00Z`);
    if (n % 10 === 0 || n % 10 === 1) bought.push(`c${n},p1,2026-01-02T00:00:00Z`);
  }
  bought.push("c1,p1,2026-01-20T00:00:00Z");
  const exposures = join(system.folder, "exposures.csv");
  const outcomes = join(system.folder, "outcomes.csv");
  writeFileSync(exposures, `${seen.join("\n")}\n`);
  writeFileSync(outcomes, `${bought.join("\n")}\n`);
  await page.getByRole("textbox", { name: "Exposures" }).fill(join(system.folder, "nothing.csv"));
  await page.getByRole("textbox", { name: "Outcomes" }).fill(outcomes);
  await page.getByRole("button", { name: "Measure" }).click();
  await expect(page.getByRole("textbox", { name: "Exposures" })).toHaveAttribute(
    "aria-invalid",
    "true",
  );
  await page.getByRole("textbox", { name: "Exposures" }).fill(exposures);
  await page.getByRole("button", { name: "Measure" }).click();
  const result = page.getByRole("region", { name: "Result" });
  await expect(result.getByText("Higher").first()).toBeVisible();
  await expect(result).toContainText("p = 1");
  await accessible(page);

  await page.getByRole("button", { name: "End the experiment" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End the experiment" }).click();
  await expect(page.getByText("Ended", { exact: true })).toBeVisible();
  await page.goto("/in-use/experiments");
  await expect(page.getByText("Version 1 (80%) against 2 (20%)")).toBeVisible();
});
