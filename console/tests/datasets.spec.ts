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
  await page.getByRole("button", { name: "Look at the columns" }).click();
  await expect(path).toHaveAttribute("aria-invalid", "true");

  await path.fill(system.csv("shop.csv"));
  await page.getByRole("button", { name: "Look at the columns" }).click();
  await expect(page.getByRole("combobox", { name: "What customer_id means" })).toHaveValue(
    "Customer",
  );
  await expect(page.getByLabel("Name of the dataset")).toHaveValue("shop");
  await accessible(page);

  await page.getByRole("combobox", { name: "What note means" }).click();
  await page.getByRole("option", { name: "Product's note" }).click();
  await page.getByLabel("Name of the dataset").fill("Corner shop");
  await page.getByRole("button", { name: "Add the dataset" }).click();

  await expect(page.getByRole("heading", { level: 1, name: "Corner shop" })).toBeVisible();
  await expect(page.getByText("1,200 purchases")).toBeVisible();
  await expect(page.getByText("Ready").first()).toBeVisible();
  await accessible(page);
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
  await expect(page.getByLabel("Name of the dataset")).toHaveValue("found by looking");
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
  await expect(page.getByText("Deleted “Short-lived”.")).toBeVisible();
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
  await dialog.getByRole("button", { name: "Save mine over it" }).click();
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
