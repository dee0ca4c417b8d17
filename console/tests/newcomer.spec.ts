import { drag } from "./hands";
import { accessible, expect, test } from "./system";

test.use({ standIn: false });

test("a newcomer comes from a CSV file to recommendations, with a real training", async ({
  page,
  system,
}) => {
  test.setTimeout(600_000);
  const step = (name: string) =>
    page.getByRole("main").getByRole("link", { name, exact: true }).first();

  await page.goto("/");
  await step("Add a dataset").click();
  await page.getByLabel("Path of the file").fill(system.csv("corner-shop.csv", 3000));
  await page.getByRole("button", { name: "Read the columns" }).click();
  await expect(page.getByRole("combobox", { name: "What customer_id means" })).toHaveValue(
    "Customer",
  );
  await page.getByRole("button", { name: "Add dataset" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "corner-shop" })).toBeVisible();
  await expect(page.getByText("3,000 purchases")).toBeVisible();

  await page.goto("/");
  await step("Choose features").click();
  await page.getByLabel("Config name").fill("My first features");
  await page.getByRole("button", { name: "Continue" }).click();
  const buyer = page.getByRole("region", { name: "Buyer tower" });
  await expect(buyer.getByText("customer_id", { exact: true })).toBeVisible();
  const columns = page.getByRole("region", { name: "Available columns" });
  await drag(page, columns.getByRole("button", { name: "Move note" }), buyer);
  await expect(buyer.getByText("note", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Save config" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "My first features" })).toBeVisible();

  await page.goto("/");
  await step("Choose a model").click();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("My first model");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("button", { name: /^Minimal/ }).click();
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "My first model" })).toBeVisible();

  await page.goto("/");
  await step("Start a quick test").click();
  await page.getByText("100%", { exact: true }).click();
  await expect(page.getByText("The features are valid")).toBeVisible();
  await page.getByRole("button", { name: "Start the test" }).click();
  await expect(page.getByRole("heading", { name: "Stages" })).toBeVisible();
  await expect(page.getByText("Transforming features …")).toBeVisible({
    timeout: 120_000,
  });

  const verdict = page.getByRole("region", { name: "Verdict" });
  await expect(verdict).toContainText("recall@100", { timeout: 300_000 });
  await expect(verdict).toContainText("95% interval");
  const metrics = page.getByRole("region", { name: "All metrics" });
  await expect(metrics.getByRole("columnheader", { name: "What is popular" })).toBeVisible();
  await accessible(page);

  await page.getByRole("tab", { name: "Recommendations" }).click();
  const customer = page.getByRole("list", { name: "Customers" }).getByRole("button").first();
  await customer.click();
  await expect(page.getByRole("heading", { name: /^Recommended to c\d{4}/ })).toBeVisible({
    timeout: 90_000,
  });
  await expect(page.getByRole("row")).toHaveCount(21);
  await accessible(page);
});
