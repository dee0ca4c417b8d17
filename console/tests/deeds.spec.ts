import { accessible, type Document, expect, type System, test } from "./system";

async function count(system: System, path: string): Promise<number> {
  return (await system.call<{ items: object[] }>("GET", path)).items.length;
}

test("a test that is started by a double click is one test", async ({ page, system }) => {
  test.slow();
  const features = await system.features("Once");
  const model = await system.model("Once model");
  await page.goto(`/tests/new?features=${features.id}&model=${model.id}`);
  await page.getByText("100%", { exact: true }).click();
  const start = page.getByRole("button", { name: "Start the test" });
  await expect(start).toBeEnabled();
  await start.dblclick();
  await expect(page).toHaveURL(/\/tests\/qt-/);
  expect(await count(system, `/api/quick-tests/?feature_config_id=${features.id}`)).toBe(1);
});

test("a config that is saved by a double click is one config", async ({ page, system }) => {
  test.slow();
  const dataset = await system.dataset("Double");
  await page.goto(`/features/new?dataset=${dataset.id}`);
  await page.getByLabel("Config name").fill("Saved twice");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("button", { name: "Save config" }).dblclick();
  await expect(page).toHaveURL(/\/features\/fc-/);
  const saved = await system.call<{ items: { name: string }[] }>("GET", "/api/feature-configs/");
  expect(saved.items.filter(({ name }) => name === "Saved twice")).toHaveLength(1);
});

test("an answer that is lost is asked for again under the same key", async ({ page, system }) => {
  test.slow();
  const features = await system.features("Lost answer");
  const model = await system.model("Lost answer model");
  const keys: string[] = [];
  await page.route("**/api/quick-tests/", async (route) => {
    if (route.request().method() !== "POST") return route.fallback();
    keys.push(route.request().headers()["idempotency-key"] ?? "");
    if (keys.length > 1) return route.fallback();
    await route.fetch(); // it arrives, its answer does not
    return route.abort("connectionreset");
  });
  await page.goto(`/tests/new?features=${features.id}&model=${model.id}`);
  await page.getByText("100%", { exact: true }).click();
  const start = page.getByRole("button", { name: "Start the test" });
  await start.click();
  await expect(page.getByText(/Nothing you entered is lost/)).toBeVisible();
  await start.click();
  await expect(page).toHaveURL(/\/tests\/qt-/);
  expect(keys).toHaveLength(2);
  expect(keys[0]).toBe(keys[1]);
  expect(await count(system, `/api/quick-tests/?feature_config_id=${features.id}`)).toBe(1);
});

test("Enter in a field starts no sweep", async ({ page, system }) => {
  test.slow();
  const features = await system.features("Entered");
  const model = await system.model("Entered model");
  await page.goto(`/sweeps/new?features=${features.id}&model=${model.id}`);
  await page.getByText("100%", { exact: true }).click();
  await expect(page.getByRole("button", { name: "Start the sweep" })).toBeEnabled();
  const seeds = page.getByRole("combobox", { name: /Training seed/ });
  await seeds.press("Enter");
  await seeds.pressSequentially("7");
  await seeds.press("Enter");
  await expect(page.getByText("7", { exact: true })).toBeVisible();
  await seeds.press("Enter");
  await page.getByRole("textbox", { name: "Name" }).press("Enter");
  await page.getByRole("textbox", { name: /Maximum number of tests/ }).press("Enter");
  await expect(page).toHaveURL(/\/sweeps\/new/);
  expect(await count(system, "/api/sweeps/")).toBe(0);
});

test("what is in use is not deleted, and says by what", async ({ page, system }) => {
  test.slow();
  const features = await system.features("Used features", await system.dataset("Used data"));
  const model = await system.model("Used model");
  const { id } = await system.quickTest(features, model, { data_sample_percent: 100 });
  await system.endedTest(id);
  await page.goto("/models");
  await page.getByRole("button", { name: "Delete Used model", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "“Used model” cannot be deleted" });
  await expect(dialog).toContainText("Delete those quick tests first");
  await accessible(page);
  await expect(page.getByText(/Deleting/)).toHaveCount(0);
  await dialog.getByRole("link", { name: "Used features × Used model" }).click();
  await expect(page).toHaveURL(`/tests/${id}`);

  await page.goto(`/datasets/${features.spec.dataset_id}`);
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  const other = page.getByRole("dialog", { name: "“Used data” cannot be deleted" });
  await other.getByRole("link", { name: "Used features" }).click();
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await expect(
    page.getByRole("dialog", { name: "“Used features” cannot be deleted" }),
  ).toContainText("archive it");
});

test("what cannot be asked of the server is not said to be deleted", async ({ page, system }) => {
  await system.model("Unreachable model");
  await page.goto("/models");
  await page.route("**/usage/", (route) => route.abort("connectionrefused"));
  await page.getByRole("button", { name: "Delete Unreachable model", exact: true }).click();
  await expect(page.getByText("“Unreachable model” cannot be deleted now.")).toBeVisible();
  await expect(page.getByRole("link", { name: "Unreachable model", exact: true })).toBeVisible();
  await expect(page.getByText(/Deleting/)).toHaveCount(0);

  await page.unroute("**/usage/");
  await page.route("**/api/model-configs/mc-*/", (route) =>
    route.request().method() === "DELETE" ? route.abort("connectionrefused") : route.fallback(),
  );
  await page.getByRole("button", { name: "Delete Unreachable model", exact: true }).click();
  await expect(page.getByRole("link", { name: "Unreachable model", exact: true })).toBeHidden();
  await expect(page.getByText("“Unreachable model” was not deleted.")).toBeVisible();
  await expect(page.getByRole("link", { name: "Unreachable model", exact: true })).toBeVisible();
});

test("a customer is forgotten after a look at what would go", async ({ page, system }) => {
  test.slow();
  const dataset = await system.dataset("Forgetful");
  const profile = async () =>
    JSON.stringify((await system.call<Document>("GET", `/api/datasets/${dataset.id}/`)).status);
  const columns = dataset.status.columns as { name: string; statistics: { samples: string[] } }[];
  const customer = columns.find(({ name }) => name === "customer_id")?.statistics.samples[0] ?? "";
  expect(await profile()).toContain(`"${customer}"`);
  await page.goto("/datasets/forget");
  await page.getByRole("textbox", { name: "Customer" }).fill(customer);
  await page.getByRole("button", { name: "Show what would go" }).click();
  await expect(page.getByRole("heading", { name: "What would go" })).toBeVisible();
  await expect(page.getByText(/whose status has it/)).toBeVisible();
  await expect(page.getByText(/dataset 'Forgetful'/)).toBeVisible();
  await accessible(page);
  const forget = { name: "Forget the customer" };
  await page.getByRole("button", forget).click();
  await page.getByRole("dialog").getByRole("button", forget).click();
  await expect(page.getByRole("heading", { name: "What was done" })).toBeVisible();
  expect(page.url()).not.toContain(customer);
  expect(await profile()).not.toContain(`"${customer}"`);
  await page.getByRole("textbox", { name: "Customer" }).fill("nobody at all");
  await expect(page.getByRole("heading", { name: "What was done" })).toBeHidden();
  await page.getByRole("button", { name: "Show what would go" }).click();
  // Models of other tests may have been trained with any id.
  await expect(page.getByText(/^Nothing( but what is listed)? here has this id\.$/)).toBeVisible();
});
