import type { Page } from "@playwright/test";
import { drag } from "./hands";
import { accessible, type Document, expect, type System, test } from "./system";

const tower = (page: Page, name: "Buyer" | "Product") =>
  page.getByRole("region", { name: `${name} tower` });

async function blankBuilder(page: Page, dataset: Document, name: string): Promise<void> {
  await page.goto(`/features/new?dataset=${dataset.id}`);
  await page.getByLabel("Config name").fill(name);
  await page.getByRole("radio", { name: /Blank/ }).click();
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("region", { name: "Available columns" })).toBeVisible();
}

const stored = async (system: System, name: string): Promise<Document> => {
  const { items } = await system.call<{ items: Document[] }>("GET", "/api/feature-configs/");
  const found = items.find((item) => item.name === name);
  if (!found) throw new Error(`no config is called ${name}`);
  return found;
};

test("smart defaults become a saved config in two steps", async ({ page, system }) => {
  const dataset = await system.dataset("Steps");
  await page.goto("/features");
  await accessible(page);
  await page.goto(`/features/new?dataset=${dataset.id}`);
  await expect(page.getByText("9 columns · 1,200 purchases", { exact: false })).toBeVisible();
  await expect(page.getByRole("button", { name: "Continue" })).toBeDisabled();
  await page.getByLabel("Config name").fill("First features");
  await accessible(page);
  await page.getByRole("button", { name: "Continue" }).click();

  await expect(tower(page, "Buyer").getByText("customer_id", { exact: true })).toBeVisible();
  await expect(tower(page, "Product").getByText("product_id", { exact: true })).toBeVisible();
  await accessible(page);
  const width = tower(page, "Buyer").getByTitle("Width of this tower's input");
  const shown = (await width.textContent()) ?? "";
  await page.goBack();
  await expect(page.getByLabel("Config name")).toHaveValue("First features");
  await page.getByRole("button", { name: "Continue" }).click();

  // What is removed comes back, after the page has been loaded again too.
  const city = tower(page, "Buyer").getByText("city", { exact: true });
  await page.getByRole("button", { name: "Remove city from the buyer tower" }).click();
  await expect(city).toBeHidden();
  page.once("dialog", (question) => void question.accept());
  await page.reload();
  await expect(width).not.toHaveText(shown);
  await expect(city).toBeHidden();
  await page.keyboard.press("Control+z");
  await expect(city).toBeVisible();
  await page.keyboard.press("Control+Shift+Z");
  await expect(city).toBeHidden();
  await page.getByRole("button", { name: "Apply smart defaults" }).click();
  await expect(city).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(city).toBeHidden();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(width).toHaveText(shown);
  await page.getByRole("button", { name: "Save config" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "First features" })).toBeVisible();
  await expect(page.getByText("Draft, not tested")).toBeVisible();
  await accessible(page);

  const saved = await stored(system, "First features");
  expect(`${saved.status.buyer_tensor.total}D`).toBe(shown);
});

test("columns are dragged into the towers, between them and out again by mouse", async ({
  page,
  system,
}) => {
  await blankBuilder(page, await system.dataset("Mouse"), "By mouse");
  const columns = page.getByRole("region", { name: "Available columns" });
  const column = (name: string) => columns.getByRole("button", { name: `Move ${name}` });
  const buyer = tower(page, "Buyer");
  const product = tower(page, "Product");

  await drag(page, column("customer_id"), buyer);
  await expect(buyer.getByText("customer_id", { exact: true })).toBeVisible();
  await drag(page, column("city"), buyer);
  await drag(page, column("product_id"), product);
  await drag(page, column("category"), buyer);
  await expect(buyer.getByText("category", { exact: true })).toBeVisible();

  await drag(page, buyer.getByRole("button", { name: "Move category", exact: true }), product);
  await expect(buyer.getByText("category", { exact: true })).toBeHidden();
  await expect(product.getByText("category", { exact: true })).toBeVisible();

  await drag(page, column("city"), product);
  await expect(buyer.getByText("Also in Product")).toBeVisible();
  await expect(product.getByText("Also in Buyer")).toBeVisible();
  await drag(page, product.getByRole("button", { name: "Move city", exact: true }), columns);
  await expect(product.getByText("city", { exact: true })).toBeHidden();
  await expect(buyer.getByText("Also in Product")).toBeHidden();

  await page.getByRole("button", { name: "Save config" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "By mouse" })).toBeVisible();
  const { spec } = await stored(system, "By mouse");
  const names = (features: { column: string }[]) => features.map((feature) => feature.column);
  // What is dropped on a feature comes before it.
  expect(names(spec.buyer_model_features)).toEqual(["city", "customer_id"]);
  expect(names(spec.product_model_features)).toEqual(["product_id", "category"]);
});

test("columns are moved by keyboard, and what happens is said", async ({ page, system }) => {
  await blankBuilder(page, await system.dataset("Keys"), "By keyboard");
  const columns = page.getByRole("region", { name: "Available columns" });
  const buyer = tower(page, "Buyer");
  const product = tower(page, "Product");
  const said = page.locator("[aria-live=assertive]");

  /** What a key does is said: it has been done by then. */
  async function press(key: string): Promise<void> {
    const before = (await said.textContent()) ?? "";
    await page.keyboard.press(key);
    await expect(said).not.toHaveText(before);
  }
  async function move(name: string, ...keys: string[]): Promise<void> {
    await columns.getByRole("button", { name: `Move ${name}` }).focus();
    for (const key of ["Space", ...keys, "Space"]) await press(key);
  }
  await move("customer_id", "ArrowRight");
  await expect(buyer.getByText("customer_id", { exact: true })).toBeVisible();
  await expect(said).toContainText("customer_id was dropped on the buyer tower");
  await move("product_id", "ArrowRight", "ArrowRight");
  await expect(product.getByText("product_id", { exact: true })).toBeVisible();

  // Put back with escape.
  await columns.getByRole("button", { name: "Move city" }).focus();
  for (const key of ["Space", "ArrowRight", "Escape"]) await press(key);
  await expect(buyer.getByText("city", { exact: true })).toBeHidden();

  // The buttons do the same.
  await columns.getByRole("button", { name: "Put city into the buyer tower" }).press("Enter");
  await expect(buyer.getByText("city", { exact: true })).toBeVisible();
  await buyer.getByRole("button", { name: "Move city to the product tower" }).press("Enter");
  await expect(product.getByText("city", { exact: true })).toBeVisible();
  await product.getByRole("button", { name: "Remove city from the product tower" }).press("Enter");
  await expect(product.getByText("city", { exact: true })).toBeHidden();
});

test("each of the four settings dialogs counts live and is applied or cancelled", async ({
  page,
  system,
}) => {
  test.slow();
  await blankBuilder(page, await system.dataset("Dialogs"), "Settings");
  const columns = page.getByRole("region", { name: "Available columns" });
  const buyer = tower(page, "Buyer");
  for (const name of ["customer_id", "city", "price", "bought_at"]) {
    await columns.getByRole("button", { name: `Put ${name} into the buyer tower` }).click();
  }
  const dialog = page.getByRole("dialog");
  const total = dialog.getByLabel("Total width of the feature");

  await buyer.getByRole("button", { name: "Settings of customer_id" }).click();
  await expect(dialog.getByRole("button", { name: "64 suggested" })).toBeVisible();
  await accessible(page);
  await dialog.getByRole("button", { name: "32", exact: true }).click();
  await expect(total).toContainText("+32D");
  await dialog.getByRole("button", { name: "Apply" }).click();
  await expect(buyer.getByText("Embedding 32", { exact: false })).toBeVisible();
  await expect(buyer.getByRole("button", { name: "Settings of customer_id" })).toBeFocused();

  await buyer.getByRole("button", { name: "Settings of price" }).click();
  await expect(dialog.getByRole("img", { name: /Histogram of price/ })).toBeVisible();
  await dialog.getByText("Bucketize", { exact: true }).click();
  await expect(total).toContainText("+1D");
  await dialog.getByText("Normalize", { exact: true }).click();
  await expect(dialog.getByText("Turn on at least one transform", { exact: false })).toBeVisible();
  await dialog.getByText("Normalize", { exact: true }).click();
  await dialog.getByRole("radio", { name: "0 to 1" }).check();
  await accessible(page);
  await dialog.getByRole("button", { name: "Apply" }).click();
  await expect(buyer.getByText("Normalized to 0…1")).toBeVisible();

  await buyer.getByRole("button", { name: "Settings of bought_at" }).click();
  await expect(total).toContainText("+4D"); // a cycle of the day too, for the times differ
  await dialog.getByText("Daily", { exact: true }).click();
  await expect(total).toContainText("+2D");
  await accessible(page);
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(buyer.getByText(/^Weekly cycle, daily cycle/)).toBeVisible();

  await buyer.getByRole("button", { name: "Add cross feature" }).click();
  await expect(dialog.getByRole("button", { name: "Add cross" })).toBeDisabled();
  await dialog.getByLabel(/^customer_id/).check();
  await dialog.getByLabel(/^city/).check();
  await expect(
    dialog.getByText("150 combinations of 150 × 5 values", { exact: false }),
  ).toBeVisible();
  await accessible(page);
  await dialog.getByRole("button", { name: "Add cross" }).click();
  await expect(buyer.getByText("500 hash buckets, embedding 16")).toBeVisible();
  await expect(buyer.getByTitle("Width of this tower's input")).toHaveText("61D");

  await buyer.getByRole("button", { name: "Remove city from the buyer tower" }).click();
  await expect(buyer.getByText("500 hash buckets, embedding 16")).toBeHidden();
});

test("errors stand next to what they are about", async ({ page, system }) => {
  await blankBuilder(page, await system.dataset("Errors"), "Incomplete");
  const columns = page.getByRole("region", { name: "Available columns" });
  await columns.getByRole("button", { name: "Put city into the buyer tower" }).click();
  await page.getByRole("button", { name: "Save config" }).click();
  await expect(
    tower(page, "Product")
      .getByText(/product_id|no feature|at least/i)
      .first(),
  ).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: "Features: Incomplete" })).toBeVisible();
});

test("versions are compared and restored", async ({ page, system }) => {
  const config = await system.features("Has a past", await system.dataset("Past"));
  const [first, ...rest] = config.spec.buyer_model_features;
  await system.call("PUT", `/api/feature-configs/${config.id}/`, {
    name: config.name,
    spec: { ...config.spec, buyer_model_features: [{ ...first, embedding_dim: 128 }, ...rest] },
  });
  await page.goto(`/features/${config.id}`);
  await page.getByRole("button", { name: /^Version 1/ }).click();
  const dialog = page.getByRole("dialog", { name: "Version 1" });
  await expect(dialog.getByRole("list", { name: "What differs" })).toHaveText(
    /customer_id: embedding dimension \d+ → 128/,
  );
  await expect(dialog).toContainText("neither version 1 nor version 2 has a completed quick test");
  await dialog.getByText("Field by field").click();
  await expect(dialog.getByRole("row", { name: /customer_id.*embedding dim/ })).toContainText(
    "128",
  );
  await expect(page).toHaveURL(/version=1/);
  await accessible(page);
  await dialog.getByRole("button", { name: "Restore version 1" }).click();
  await expect(page.getByText("Restored as version 3", { exact: false })).toBeVisible();
  const now = await system.call("GET", `/api/feature-configs/${config.id}/`);
  expect(now.spec).toEqual(config.spec);
});

test("two browsers that edit one config meet in a dialog, and nothing is lost", async ({
  page,
  browser,
  system,
}) => {
  const config = await system.features("Shared", await system.dataset("Shared data"));
  const context = await browser.newContext({ baseURL: system.url });
  const other = await context.newPage();
  for (const one of [page, other]) {
    await one.goto(`/features/${config.id}/edit`);
    await expect(tower(one, "Buyer").getByText("customer_id", { exact: true })).toBeVisible();
  }
  await tower(other, "Buyer")
    .getByRole("button", { name: /Remove city/ })
    .click();
  await other.getByRole("button", { name: "Save changes" }).click();
  await expect(other.getByRole("heading", { level: 1, name: "Shared", exact: true })).toBeVisible();

  await tower(page, "Product")
    .getByRole("button", { name: /Remove category/ })
    .first()
    .click();
  await page.getByRole("button", { name: "Save changes" }).click();
  const dialog = page.getByRole("dialog", { name: /Somebody else saved/ });
  await expect(dialog.getByRole("row", { name: /city/ }).first()).toBeVisible();
  await expect(dialog.getByRole("row", { name: /category/ }).first()).toBeVisible();
  await accessible(page);
  await dialog.getByRole("button", { name: "Save mine as a copy" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Shared (my version)" })).toBeVisible();

  const theirs = await system.call("GET", `/api/feature-configs/${config.id}/`);
  const columns = (features: { column: string }[]) => features.map(({ column }) => column);
  expect(columns(theirs.spec.buyer_model_features)).not.toContain("city");
  expect(columns(theirs.spec.product_model_features)).toContain("category");
  await context.close();
});

test("the list is filtered and sorted, its address says how, and one alone has no star", async ({
  page,
  system,
}) => {
  const dataset = await system.dataset("Listed");
  const tested = await system.features("Listed and tested", dataset);
  const { buyer_model_crosses: _, ...spec } = tested.spec;
  await system.call("POST", "/api/feature-configs/", {
    name: "Listed draft",
    spec: { ...spec, buyer_model_features: spec.buyer_model_features.slice(0, 1) },
  });
  const test = await system.quickTest(tested, await system.model("Listed model", "minimal"));
  await system.endedTest(test.id);

  await page.goto(`/features?dataset=${dataset.id}`);
  const rows = page.getByRole("listitem").filter({ hasText: "Listed" });
  await expect(rows.first()).toContainText("Listed and tested");
  await expect(rows.first()).toContainText("50.0%");
  await expect(page.getByRole("img", { name: "Best" })).toHaveCount(0);
  await expect(rows.first()).toContainText("Tested");
  await accessible(page);
  await page.getByRole("combobox", { name: "Status" }).click();
  await page.getByRole("option", { name: "Drafts" }).click();
  await expect(page.getByRole("link", { name: "Listed and tested", exact: true })).toBeHidden();
  await expect(page).toHaveURL(/show=draft/);
  await page.reload();
  await expect(page.getByRole("link", { name: "Listed draft", exact: true })).toBeVisible();
  await expect(page.getByRole("link", { name: "Listed and tested", exact: true })).toBeHidden();
});

test("past purchases become a feature as wide as the table that they share", async ({
  page,
  system,
}) => {
  await blankBuilder(page, await system.dataset("Past"), "With history");
  const columns = page.getByRole("region", { name: "Available columns" });
  const buyer = tower(page, "Buyer");
  const product = tower(page, "Product");
  await expect(buyer.getByText("needs a column that the product tower embeds")).toBeVisible();
  await columns.getByRole("button", { name: "Put customer_id into the buyer tower" }).click();
  await columns.getByRole("button", { name: "Put product_id into the product tower" }).click();
  await product.getByRole("button", { name: "Settings of product_id" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "64", exact: true }).click();
  await dialog.getByRole("button", { name: "Apply" }).click();

  await buyer.getByRole("button", { name: "Add history" }).click();
  await page.getByRole("menuitem", { name: "product_id" }).click();
  await expect(page.getByRole("rowheader", { name: "product_id_history" })).toBeVisible();
  await expect(buyer.getByText("Newest 50, half-lives 5 / 20 / 90 days")).toBeVisible();
  await accessible(page);
  await buyer.getByRole("button", { name: "Settings of product_id" }).click();
  await expect(dialog.getByLabel("Total width of the feature")).toContainText("+64D");
  const lives = dialog.getByLabel("Half-lives (days)");
  await lives.fill("7, soon");
  await expect(dialog.getByText("“soon” is not a number.")).toBeVisible();
  await lives.fill("7, 30");
  await accessible(page);
  await dialog.getByRole("button", { name: "Apply" }).click();
  await expect(buyer.getByText("Newest 50, half-lives 7 / 30 days")).toBeVisible();

  // A narrower table makes a narrower history.
  await product.getByRole("button", { name: "Settings of product_id" }).click();
  await dialog.getByRole("button", { name: "32", exact: true }).click();
  await dialog.getByRole("button", { name: "Apply" }).click();
  await page.getByRole("button", { name: "Save config" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "With history" })).toBeVisible();
  const { spec } = await stored(system, "With history");
  expect(spec.buyer_model_features[1]).toEqual({
    ...{ column: "product_id", type: "history", length: 50 },
    ...{ half_lives: [7, 30], embedding_dim: 32, own_table: false },
  });
});
