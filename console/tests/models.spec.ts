import type { Locator, Page } from "@playwright/test";
import { accessible, expect, test } from "./system";

const tower = (page: Page, name: string) => page.getByRole("region", { name });
const nameField = (page: Page) => page.getByRole("textbox", { name: "Name", exact: true });
const mover = (stack: Locator, what: string) =>
  stack.getByRole("button", { name: `Move ${what}`, exact: true });
const layers = (stack: Locator) => stack.locator("ol > li");

async function titles(stack: Locator): Promise<string[]> {
  const texts = await layers(stack).allInnerTexts();
  return texts.map((text) => text.split("\n")[0] ?? "");
}

test("a retrieval model: from the first step to its page", async ({ page, system }) => {
  test.slow();
  await system.features();
  await page.goto("/models");
  await accessible(page);
  await page.getByRole("link", { name: "Retrieval" }).click();
  await expect(page.getByRole("radio", { name: "Retrieval" })).toBeChecked();
  await accessible(page);

  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page).toHaveURL(/step=architecture/);
  const buyer = tower(page, "Buyer tower");
  await expect(layers(buyer)).toHaveCount(1); // the recommended one
  await page.getByRole("button", { name: /^Minimal/ }).click();
  await expect(layers(buyer)).toHaveCount(2);
  await expect(page.getByText("Trainable", { exact: true })).toBeVisible();
  await page.getByText(/^Layers/).click();
  await expect(page.getByRole("cell", { name: "(None, 64)" }).first()).toBeVisible();
  await page.getByText("Advanced").click();
  await page.getByRole("radio", { name: "ScaNN" }).check();
  await page.getByLabel("Leaves", { exact: true }).fill("10");
  await page.getByLabel("Leaves to search").fill("20");
  await expect(
    page.getByText("20 leaves cannot be searched of 10", { exact: false }),
  ).toBeVisible();
  await expect(page.getByRole("link", { name: /Architecture.*1 problem/s })).toBeVisible();
  await accessible(page);
  await page.getByLabel("Leaves to search").fill("2");

  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("radio", { name: /Adagrad/ }).check();
  await expect(page.getByLabel("Other learning rate")).toHaveValue("0.1");
  await expect(page.getByRole("heading", { name: "Hyperparameters" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Rating loss" })).toBeHidden();
  await accessible(page);

  // Without a name it is not saved: the step and the field that lack something are shown.
  await page.getByRole("button", { name: "Save" }).click();
  const name = nameField(page);
  await expect(name).toHaveAttribute("aria-invalid", "true");
  await name.fill("Small and quick");
  await page.getByRole("link", { name: /Training/ }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Small and quick" })).toBeVisible();
  await accessible(page);

  const { items } = await system.call<{ items: { name: string; spec: object }[] }>(
    "GET",
    "/api/model-configs/",
  );
  expect(items.find((item) => item.name === "Small and quick")?.spec).toMatchObject({
    model_type: "retrieval",
    optimizer: "adagrad",
    learning_rate: 0.1,
    retrieval_algorithm: "scann",
    scann_num_leaves: 10,
    scann_leaves_to_search: 2,
  });
});

test("layers are moved by mouse and by keyboard; the output stays last", async ({ page }) => {
  await page.goto("/models/new?step=architecture&preset=regularized");
  const buyer = tower(page, "Buyer tower");
  const said = buyer.locator("[aria-live=assertive]");
  const before = ["Dense 128", "Dropout 0.2", "Dense 64", "Dropout 0.1", "Dense 32"];
  await expect.poll(() => titles(buyer)).toEqual(before);

  const handle = mover(buyer, "Dense 128, layer 1 of 5");
  await handle.scrollIntoViewIfNeeded();
  const from = await handle.boundingBox();
  const to = await layers(buyer).nth(1).boundingBox();
  if (!from || !to) throw new Error("nothing to drag");
  const x = from.x + from.width / 2;
  await page.mouse.move(x, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(x, from.y + from.height / 2 + 10, { steps: 3 });
  await page.mouse.move(x, to.y + to.height / 2 + 6, { steps: 8 });
  await expect(said).toHaveText("Dense 128 is now at 2 of 5.");
  await page.mouse.up();
  const after = ["Dropout 0.2", "Dense 128", "Dense 64", "Dropout 0.1", "Dense 32"];
  await expect.poll(() => titles(buyer)).toEqual(after);

  await mover(buyer, "Dropout 0.1, layer 4 of 5").focus();
  await page.keyboard.press("Space");
  await expect(said).toHaveText("Dropout 0.1 is now at 4 of 5.");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Space");
  await expect(said).toHaveText("Dropout 0.1 is now layer 4 of 5.");
  await expect.poll(() => titles(buyer)).toEqual(after);

  await mover(buyer, "Dropout 0.1, layer 4 of 5").focus();
  await page.keyboard.press("Space");
  await expect(said).toHaveText("Dropout 0.1 is now at 4 of 5.");
  await page.keyboard.press("ArrowUp");
  await expect(said).toHaveText("Dropout 0.1 is now at 3 of 5.");
  await page.keyboard.press("Space");
  await expect(said).toHaveText("Dropout 0.1 is now layer 3 of 5.");
  await expect
    .poll(() => titles(buyer))
    .toEqual(["Dropout 0.2", "Dense 128", "Dropout 0.1", "Dense 64", "Dense 32"]);
  await expect(buyer.getByRole("button", { name: /Move Dense 32/ })).toBeHidden();
});

test("each kind of layer is added and set; both outputs stay in step", async ({ page }) => {
  test.slow();
  await page.goto("/models/new?step=architecture&preset=standard");
  const buyer = tower(page, "Buyer tower");
  const product = tower(page, "Product tower");
  const dialog = page.getByRole("dialog");
  const add = async (kind: RegExp) => {
    await buyer.getByRole("button", { name: "Add a layer to the buyer tower" }).click();
    await page.getByRole("menuitem", { name: kind }).click();
  };

  await add(/^Dense/);
  await accessible(page);
  await dialog.getByRole("button", { name: "256" }).click();
  await dialog.getByRole("radio", { name: "GELU" }).check();
  await dialog.getByRole("button", { name: "0.01", exact: true }).click();
  await dialog.getByRole("button", { name: "Add the layer" }).click();
  await expect(buyer.getByText("GELU, L2 regularization 0.01")).toBeVisible();
  const adder = buyer.getByRole("button", { name: "Add a layer to the buyer tower" });
  await expect(adder).toBeFocused();

  await add(/^Dropout/);
  await accessible(page);
  await dialog.getByLabel("Other rate").fill("0.95");
  await expect(dialog.getByRole("button", { name: "Add the layer" })).toBeDisabled();
  await dialog.getByLabel("Other rate").fill("0.4");
  await dialog.getByRole("button", { name: "Add the layer" }).click();

  await add(/^Batch norm/);
  await buyer.getByRole("button", { name: /^Set Batch norm/ }).click();
  await expect(dialog.getByText("It has no settings.")).toBeVisible();
  await accessible(page);
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(buyer.getByRole("button", { name: /^Set Batch norm/ })).toBeFocused();

  await add(/^Layer norm/);
  await dialog.getByRole("button", { name: "1e-5" }).click();
  await dialog.getByRole("button", { name: "Add the layer" }).click();
  expect(await titles(buyer)).toEqual([
    "Dense 128",
    "Dense 64",
    "Dense 256",
    "Dropout 0.4",
    "Batch norm",
    "Layer norm",
    "Dense 32",
  ]);
  await buyer.getByRole("button", { name: /^Remove Batch norm/ }).click();
  await expect(layers(buyer)).toHaveCount(6);

  await buyer.getByRole("button", { name: /^Set Dense 32/ }).click();
  await dialog.getByRole("button", { name: "64", exact: true }).click();
  await dialog.getByRole("radio", { name: "ReLU", exact: true }).check();
  await dialog.getByRole("button", { name: "Apply" }).click();
  await expect.poll(async () => (await titles(product)).at(-1)).toBe("Dense 64");
  await expect(
    buyer.getByText("Linear embeddings usually rank better", { exact: false }),
  ).toBeVisible();

  await expect(page.getByRole("switch", { name: /Shared weights/ })).toBeDisabled();
  await page.getByRole("button", { name: "Copy from buyer" }).click();
  await expect.poll(() => titles(product)).toEqual(await titles(buyer));
  await page.getByRole("switch", { name: /Shared weights/ }).focus();
  await page.keyboard.press("Space");
  await product.getByRole("button", { name: /^Remove Layer norm/ }).click();
  await expect(layers(buyer)).toHaveCount(5);

  // A preset replaces own layers, which can be had back.
  await page.getByRole("button", { name: /^Minimal/ }).click();
  await expect(layers(buyer)).toHaveCount(2);
  await page.getByRole("alert").getByRole("button", { name: "Undo" }).click();
  await expect(layers(buyer)).toHaveCount(5);
});

test("a ranking model has a rating head that fits, and a loss", async ({ page, system }) => {
  test.slow();
  await page.goto("/models/new");
  await nameField(page).fill("Stars");
  await page.getByRole("radio", { name: "Ranking" }).check();
  await page.getByRole("button", { name: "Continue" }).click();
  const head = tower(page, "Rating head");
  await page.getByRole("button", { name: /^Deep/ }).click();
  await expect
    .poll(() => titles(head))
    .toEqual(["Dense 256", "Dense 128", "Dense 64", "Dense 32", "Dense 1"]);
  await expect(page.getByRole("heading", { name: "Retrieval" })).toBeHidden();
  await head.getByRole("button", { name: /^Set Dense 1,/ }).click();
  await expect(page.getByRole("dialog")).toContainText("one number, the rating");
  await page.getByRole("button", { name: "Cancel" }).last().click();
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("radio", { name: "Huber" }).check();
  await page.getByLabel("Other learning rate").fill("0.5");
  await expect(page.getByText("0.5 is high for adam", { exact: false })).toBeVisible();
  await accessible(page);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Stars" })).toBeVisible();
  await expect(page.getByText("Ready, with warnings")).toBeVisible();
  const { items } = await system.call<{ items: { name: string; spec: object }[] }>(
    "GET",
    "/api/model-configs/",
  );
  expect(items.find((item) => item.name === "Stars")?.spec).toMatchObject({
    model_type: "ranking",
    loss_function: "huber",
    learning_rate: 0.5,
  });
});

test("a multitask model weighs its tasks, not both with nothing", async ({ page }) => {
  await page.goto("/models/new?type=multitask&step=training");
  const sliders = page.getByRole("slider");
  await expect(sliders).toHaveCount(2);
  for (const slider of await sliders.all()) {
    await slider.focus();
    await page.keyboard.press("Home");
  }
  await expect(
    page.getByText("With both weights 0 nothing is learned", { exact: false }),
  ).toBeVisible();
  await expect(page.getByRole("link", { name: /Training.*1 problem/s })).toBeVisible();
  await accessible(page);
  await page.getByRole("button", { name: /^Retrieval first/ }).click();
  await expect(page.getByText("With both weights 0", { exact: false })).toBeHidden();
  await page.getByRole("link", { name: /Task/ }).click();
  await nameField(page).fill("Both at once");
  await page.getByRole("link", { name: /Training/ }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Rating weight").locator("..")).toContainText("0.3");
});

test("what others saved meanwhile is not overwritten unasked; versions are restored", async ({
  page,
  system,
}) => {
  test.slow();
  const model = await system.model("Contended");
  await page.goto(`/models/${model.id}/edit?step=training`);
  await page.getByRole("button", { name: "256", exact: true }).click();
  await system.call("PUT", `/api/model-configs/${model.id}/`, {
    name: "Contended",
    spec: { ...model.spec, batch_size: 1024 },
  });
  await page.getByRole("button", { name: "Save" }).click();
  const dialog = page.getByRole("dialog", { name: /Somebody else saved/ });
  await expect(dialog).toContainText("1024");
  await accessible(page);
  await dialog.getByRole("button", { name: "Overwrite with mine" }).click();
  await expect(
    page.getByRole("heading", { level: 1, name: "Contended", exact: true }),
  ).toBeVisible();
  expect((await system.call("GET", `/api/model-configs/${model.id}/`)).spec.batch_size).toBe(256);

  await page.getByRole("button", { name: /^Version 1/ }).click();
  await expect(page.getByRole("dialog")).toContainText("Batch size 512 → 256");
  await accessible(page);
  await page.getByRole("button", { name: "Restore version 1" }).click();
  await expect
    .poll(async () => (await system.call("GET", `/api/model-configs/${model.id}/`)).spec.batch_size)
    .toBe(512);
});

test("models are found, cloned and deleted; leaving a draft asks", async ({ page, system }) => {
  test.slow();
  await system.model("Besides");
  await system.model("Findable", "deep", { model_type: "ranking" });
  await page.goto("/models");
  await page.getByLabel("Find a model").fill("findab");
  await expect(page.getByRole("link", { name: "Findable", exact: true })).toBeVisible();
  await expect(page).toHaveURL(/q=findab/);
  await expect(page.getByRole("status").filter({ hasText: "1 of" })).toBeVisible();
  await accessible(page);

  const count = async () =>
    (await system.call<{ items: object[] }>("GET", "/api/model-configs/")).items.length;
  const before = await count();
  await page.getByRole("link", { name: "Clone Findable" }).click();
  await expect(nameField(page)).toHaveValue("Findable (copy)");
  await expect(page.getByText("says the same already", { exact: false })).toBeVisible();
  await expect(page.getByRole("link", { name: "Open that one" })).toBeVisible();
  await nameField(page).fill("Another name");
  await page.getByRole("navigation", { name: "Sections" }).getByText("Models").click();
  const question = page.getByRole("dialog", { name: "Leave without saving?" });
  await question.getByRole("button", { name: "Leave" }).click();
  expect(await count()).toBe(before);

  await page.getByRole("link", { name: "Clone Findable" }).click();
  await page.getByRole("link", { name: "Cancel" }).click();
  await expect(page.getByRole("link", { name: "Findable", exact: true })).toBeVisible();
  expect(await count()).toBe(before);
  await page.getByRole("link", { name: "Clone Findable" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Findable (copy)" })).toBeVisible();
  await page.goBack();
  await page.goto("/models?q=findab");

  await page.getByRole("button", { name: "Delete Findable", exact: true }).click();
  await expect(page.getByRole("link", { name: "Findable", exact: true })).toBeHidden();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("link", { name: "Findable", exact: true })).toBeVisible();
});

test("a re-ranker is switched on, set, saved and shown", async ({ page, system }) => {
  const model = await system.model("Ordered anew");
  await page.goto(`/models/${model.id}/edit?step=architecture`);
  const toggle = page.getByRole("switch", { name: "Re-ranker" });
  await expect(toggle).not.toBeChecked();
  await toggle.press("Space");
  await expect(page.getByLabel("Units")).toHaveValue("32, 32");
  await page.getByLabel("Units").fill("16");
  await page.getByLabel("Other candidates").fill("5");
  await expect(page.getByText("From 10 to 2,000.")).toBeVisible();
  const candidates = page.getByRole("group", { name: "Candidates" });
  await candidates.getByRole("button", { name: "100", exact: true }).click();
  await accessible(page);
  await page.getByRole("link", { name: /Training/ }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Ordered anew" })).toBeVisible();
  await expect(page.getByText("re-ranked", { exact: true })).toBeVisible();
  await accessible(page);
  const { spec } = await system.call("GET", `/api/model-configs/${model.id}/`);
  expect(spec.reranker).toEqual({
    candidates: 100,
    popular: 100,
    item_item: 150,
    units: [16],
    fitting_percent: 10,
  });
  await page.goto("/models");
  await expect(page.getByRole("listitem").filter({ hasText: "Ordered anew" })).toContainText(
    "Re-ranked",
  );
});
