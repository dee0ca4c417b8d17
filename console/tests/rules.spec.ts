import { accessible, expect, test } from "./system";

test("a rule set is put together, previewed, saved, changed and deleted", async ({
  page,
  system,
}) => {
  test.slow();
  const features = await system.features("Ruled");
  const { id } = await system.quickTest(features, await system.model("Ruled model"), {
    data_sample_percent: 100,
  });
  await system.endedTest(id);
  await page.goto("/in-use");
  await page.getByRole("link", { name: "Rule sets" }).click();
  await expect(page.getByText("Show what the shop wants to show")).toBeVisible();
  await accessible(page);
  await page.getByRole("link", { name: "New rule set" }).click();

  // Bad input first: nothing is complete, then a range upside down.
  await page.getByRole("button", { name: "Add a filter" }).click();
  await page.getByRole("button", { name: "Save rule set" }).click();
  await expect(page.getByText("Enter a name.")).toBeVisible();
  await page.getByLabel("Name", { exact: true }).fill("Front page");
  await page.getByRole("combobox", { name: "Filter" }).click();
  await page.getByRole("option", { name: "Number in a range" }).click();
  await page.getByRole("combobox", { name: "Column" }).click();
  await expect(page.getByRole("option", { name: "category" })).toHaveCount(0);
  await page.getByRole("option", { name: "price", exact: true }).click();
  await page.getByRole("textbox", { name: "At least" }).fill("20");
  await page.getByRole("textbox", { name: "At most" }).fill("10");
  await expect(page.getByRole("alert").filter({ hasText: "is above" })).toBeVisible();
  await page.getByRole("textbox", { name: "At most" }).fill("30");
  const words = page.getByRole("complementary", { name: "The rules in words" });
  await expect(words).toContainText("price from 20 to 30");
  await page.getByRole("button", { name: "Add a cap" }).click();
  await page.getByRole("combobox", { name: "Of each" }).click();
  await page.getByRole("option", { name: "category", exact: true }).click();
  await page.getByRole("button", { name: "Pin a product" }).click();
  await page.getByRole("textbox", { name: "Product" }).fill("p7");
  await expect(words).toContainText("at most 2 of each category");
  await expect(words).toContainText("53 of 60");

  await page.getByRole("button", { name: "Undo" }).focus();
  await page.keyboard.press("Control+z");
  await expect(page.getByRole("textbox", { name: "Product" })).not.toHaveValue("p7");
  await page.keyboard.press("Control+Shift+z");
  await expect(page.getByRole("textbox", { name: "Product" })).toHaveValue("p7");

  await page.getByRole("button", { name: "Show the lists" }).click();
  const under = page.getByRole("region", { name: "Under the rules" });
  await expect(under.getByRole("listitem").first()).toContainText("p7");
  await expect(under.getByRole("listitem").first()).toContainText("pinned");
  await accessible(page);
  await page.getByRole("button", { name: "Save rule set" }).click();

  await expect(page.getByRole("heading", { level: 1, name: "Front page" })).toBeVisible();
  await expect(page.getByText("Ready", { exact: true })).toBeVisible();
  await accessible(page);
  await page.getByRole("link", { name: "Edit" }).click();
  await page.getByRole("button", { name: "Remove pin 1" }).click();
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText("version 2", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await expect(page.getByText("Deleting “Front page”.")).toBeVisible();
  await expect(page.getByText("Show what the shop wants to show")).toBeVisible();
});

test("rules by hand are tried out beside a model's list, and become a rule set", async ({
  page,
  system,
}) => {
  test.slow();
  const features = await system.features("Tried");
  const { id } = await system.quickTest(features, await system.model("Tried model"), {
    data_sample_percent: 100,
  });
  await system.endedTest(id);
  await page.goto(`/tests/${id}?tab=recommendations`);
  await page.getByRole("button", { name: "c007" }).click();
  await expect(page.getByRole("heading", { name: "Recommended to c007" })).toBeVisible();
  await page.getByRole("button", { name: "Rules by hand" }).click();
  // A row that is not filled in asks nothing.
  await page.getByRole("button", { name: "Pin a product" }).click();
  await expect(page.getByRole("link", { name: "Save as a rule set" })).toHaveCount(0);
  await page.getByRole("textbox", { name: "Product" }).fill("p9");
  await expect(page.getByRole("row", { name: /p9.*pinned/ })).toBeVisible();
  await accessible(page);
  await page.getByRole("link", { name: "Save as a rule set" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "New rule set" })).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Product" })).toHaveValue("p9");
});
