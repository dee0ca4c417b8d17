import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { accessible, expect, test } from "./system";

test("a file is added: its columns are guessed, corrected, saved and read", async ({
  page,
  system,
}) => {
  await page.goto("/datasets");
  await accessible(page);
  await page.getByRole("link", { name: "Add a dataset" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
  await expect(page).toHaveTitle("Add a dataset · Recsmith");

  const path = page.getByLabel("Path of the file");
  await path.fill("/nowhere/purchases.csv");
  await page.getByRole("button", { name: "Read the columns" }).click();
  await expect(path).toHaveAttribute("aria-invalid", "true");

  await path.fill(system.csv("shop.csv"));
  await page.getByRole("button", { name: "Read the columns" }).click();
  await expect(page.getByRole("combobox", { name: "What customer_id means" })).toHaveValue(
    "Customer",
  );
  await expect(page.getByLabel("Dataset name")).toHaveValue("shop");
  await accessible(page);

  await page.getByRole("combobox", { name: "What note means" }).click();
  await page.getByRole("option", { name: "Product note" }).click();
  await page.getByLabel("Dataset name").fill("Corner shop");
  await page.getByRole("button", { name: "Add dataset" }).click();

  await expect(page.getByRole("heading", { level: 1, name: "Corner shop" })).toBeVisible();
  await expect(page.getByText("1,200 purchases")).toBeVisible();
  await expect(page.getByText("Ready").first()).toBeVisible();
  await accessible(page);
});

test("a file is read as it was exported, and every guess can be changed", async ({
  page,
  system,
}) => {
  const path = join(dirname(system.csv("shop.csv")), "export.csv");
  const lines = Array.from({ length: 400 }, (_, n) => {
    const day = `${(n % 12) + 1}/${(n % 5) + 1}/2024`;
    return `K${n % 40};M\u00fcller ${n % 30};${day};${n % 9},50`;
  });
  writeFileSync(path, Buffer.from(`Kunde;Artikel;Datum;Umsatz\n${lines.join("\n")}\n`, "latin1"));
  await page.goto("/datasets/new");
  await page.getByLabel("Path of the file").fill(path);
  await page.getByRole("button", { name: "Read the columns" }).click();
  await expect(page.getByLabel("Delimiter")).toHaveValue(";");
  await expect(page.getByLabel("Encoding")).toHaveValue("cp1252");
  await expect(page.getByRole("combobox", { name: "Type of Umsatz" })).toHaveValue("number");
  await expect(page.getByText("days or months come first").first()).toBeVisible();
  await accessible(page);

  await page.getByRole("combobox", { name: "Order of dates" }).click();
  await page.getByRole("option", { name: "Day first" }).click();
  await expect(page.getByRole("combobox", { name: "What Datum means" })).toHaveValue(
    "Time of purchase",
  );
  await page.getByRole("button", { name: "Add dataset" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "export" })).toBeVisible();
  await expect(page.getByText("400 purchases")).toBeVisible();
});

test("a file is found by looking into folders", async ({ page, system }) => {
  const path = system.csv("found by looking.csv");
  await page.goto("/datasets/new");
  await page.getByRole("button", { name: "Browse this machine" }).click();
  const dialog = page.getByRole("dialog", { name: "Choose a file or a folder" });
  const up = dialog.getByRole("button", { name: "One folder up" });
  await expect(dialog.locator("p").first()).toContainText("/");
  await accessible(page);
  while (await up.isVisible()) {
    const before = await dialog.locator("p").first().textContent();
    await up.click();
    await expect(dialog.locator("p").first()).not.toHaveText(before ?? "");
  }
  for (const folder of path.split("/").slice(1, -1)) {
    await dialog.getByRole("button", { name: `Folder ${folder}`, exact: true }).click();
  }
  await dialog.getByRole("button", { name: /found by looking\.csv/ }).click();
  await expect(page.getByRole("combobox", { name: "What product_id means" })).toHaveValue(
    "Product",
  );
  await expect(page.getByLabel("Path of the file")).toHaveValue(path);
  await expect(page.getByLabel("Dataset name")).toHaveValue("found by looking");
});

test("leaving unsaved changes asks first", async ({ page, system }) => {
  const dataset = await system.dataset("Guarded");
  await page.goto(`/datasets/${dataset.id}`);
  await page.getByLabel("Name", { exact: true }).fill("Guarded and renamed");
  await page.getByRole("navigation").getByRole("link", { name: "Datasets" }).click();
  const question = page.getByRole("dialog", { name: "Leave without saving?" });
  await expect(question).toBeVisible();
  await accessible(page);
  await question.getByRole("button", { name: "Stay" }).click();
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Guarded and renamed" })).toBeVisible();
});

test("a deletion can be undone, and else happens", async ({ page, system }) => {
  await system.dataset("Short-lived");
  await page.goto("/datasets");
  await page.getByRole("link", { name: "Short-lived" }).click();
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await expect(page.getByText("Deleting “Short-lived”.")).toBeVisible();
  await expect(page.getByRole("link", { name: "Short-lived" })).toBeHidden();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("link", { name: "Short-lived" }).click();

  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  const names = async () => {
    const left = await system.call<{ items: { name: string }[] }>("GET", "/api/datasets/");
    return left.items.map(({ name }) => name);
  };
  await expect.poll(names).not.toContain("Short-lived");
});

test("what others changed meanwhile is not overwritten unasked", async ({ page, system }) => {
  const dataset = await system.dataset("Contended");
  await page.goto(`/datasets/${dataset.id}`);
  await page.getByRole("combobox", { name: "What quantity means" }).click();
  await page.getByRole("option", { name: "Revenue" }).click();

  const { note: _, ...mapping } = { ...dataset.spec.column_mapping, note: undefined };
  delete mapping.quantity;
  await system.call("PUT", `/api/datasets/${dataset.id}/`, {
    name: "Contended, by somebody else",
    spec: { ...dataset.spec, column_mapping: mapping },
  });
  await page.getByRole("button", { name: "Save changes" }).click();
  const dialog = page.getByRole("dialog", { name: /Somebody else saved/ });
  await expect(dialog.getByText("version 2", { exact: false }).first()).toBeVisible();
  await accessible(page);
  await dialog.getByRole("button", { name: "Overwrite with mine" }).click();
  await expect(page.getByText("Saved.")).toBeVisible();
  const now = await system.call("GET", `/api/datasets/${dataset.id}/`);
  expect(now.revision).toBe(3);
  expect(now.spec.column_mapping.quantity).toBe("revenue");
});

test("the command palette finds documents and pages by keyboard", async ({ page, system }) => {
  await system.dataset("Needle in a haystack");
  await page.goto("/datasets");
  await page.getByRole("button", { name: "Search", exact: false }).first().waitFor();
  await page.keyboard.press("Control+k");
  const search = page.getByPlaceholder("Search pages", { exact: false });
  await expect(search).toBeFocused();
  await search.fill("needle");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: /Needle/ })).toBeVisible();
});

test("a file that has changed since is said, and read again by one click", async ({
  page,
  system,
}) => {
  const dataset = await system.dataset("Growing");
  system.csv("Growing.csv", 1300);
  await page.goto(`/datasets/${dataset.id}`);
  await expect(page.getByText("1,200 purchases")).toBeVisible();
  await expect(page.getByText("has changed since it was profiled")).toBeVisible();
  await accessible(page);
  await page.getByRole("button", { name: "Profile again" }).click();
  await expect(page.getByText("1,300 purchases")).toBeVisible();
  await expect(page.getByText("has changed since it was profiled")).toBeHidden();
});

test("a report says what the rows are like, and where to go next", async ({ page, system }) => {
  const lines = Array.from({ length: 900 }, (_, n) => {
    const at = new Date(Date.UTC(2024, 0, 1 + (n % 300) + (n % 300 > 150 ? 60 : 0))).toISOString();
    return `c${n % 37},p${n % 23},${at},O-${n},${n % 7}.50`;
  });
  const path = join(dirname(system.csv()), "orders.csv");
  writeFileSync(
    path,
    `customer_id,product_id,bought_at,order_no,product_price\n${lines.join("\n")}\n`,
  );
  const made = await system.call("POST", "/api/datasets/", {
    name: "Orders",
    spec: {
      source: { kind: "csv", uri: path },
      column_mapping: {
        ...{ customer_id: "customer_id", product_id: "product_id", bought_at: "transaction_date" },
        ...{ order_no: "customer_order", product_price: "product_price" },
      },
    },
  });
  const dataset = await system.settled(`/api/datasets/${made.id}/`);
  await page.goto(`/datasets/${dataset.id}`);
  await page.getByRole("link", { name: "Report" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Report on Orders" })).toBeFocused();
  await expect(page.getByRole("heading", { name: "things to mend" })).toBeVisible();
  const varying = page.getByRole("article").filter({ hasText: "vary within a product" });
  await expect(varying).toContainText("'product_price'");
  await expect(page.getByText("The longest hole is 60 days")).toBeVisible();
  await expect(page.getByText("belong to one row or one order each")).toBeVisible();
  await accessible(page);
  await varying.getByRole("link").click();
  await expect(page).toHaveURL(`${system.url}/features?dataset=${dataset.id}`);
});

test("a report that cannot be made says why, and what helps", async ({ page, system }) => {
  const dataset = await system.dataset("Shop");
  await page.route("**/report/", (route) =>
    route.fulfill({
      json: {
        ...{ dataset_id: dataset.id, dataset_name: "Shop", profiled_at: null, rows: null },
        ...{ reason: "It was profiled by an earlier version.", notes: [], findings: [] },
      },
    }),
  );
  await page.goto(`/datasets/${dataset.id}/report`);
  await expect(page.getByText("It was profiled by an earlier version.")).toBeVisible();
  await accessible(page);
  await page.unroute("**/report/");
  await page.getByRole("button", { name: "Profile again" }).click();
  await expect(page.getByRole("heading", { name: "To know" })).toBeVisible();

  await page.route("**/report/", (route) => route.fulfill({ status: 500, json: {} }));
  await page.reload();
  await expect(page.getByText("This could not be loaded.")).toBeVisible();
  await page.unroute("**/report/");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { name: "To know" })).toBeVisible();
});
