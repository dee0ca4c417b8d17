import type { Locator } from "@playwright/test";
import { accessible, type Document, expect, type System, test } from "./system";

/** Three tests that differ in their learning rate, epochs and model. */
async function three(system: System, name: string): Promise<Document[]> {
  system.mark("varied", true);
  system.mark("chance", true);
  const features = await system.features(name);
  const models = [await system.model(`${name} A`), await system.model(`${name} B`, "minimal")];
  const made = [];
  for (const [place, learning_rate_override] of [0.0003, 0.003, 0.03].entries()) {
    const model = models[place % 2] as Document;
    const spec = { data_sample_percent: 100, epochs: 1 + place, learning_rate_override };
    const { id } = await system.quickTest(features, model, spec);
    await system.endedTest(id);
    const path = `/api/quick-tests/${id}/`;
    made.push(await system.call("PATCH", path, { name: `${name} ${place + 1}` }));
  }
  return made;
}

test("tests are tagged, pinned, noted, archived, and found again by the address", async ({
  page,
  system,
}) => {
  test.slow();
  const [first, second] = await three(system, "Marked");
  const rows = page.getByRole("listitem").filter({ has: page.getByRole("checkbox") });
  await page.goto("/tests");
  await page
    .getByRole("button", { name: `More of ${first?.name}` })
    .first()
    .click();
  await page.getByRole("menuitem", { name: "Name, note and tags" }).click();
  const dialog = page.getByRole("dialog", { name: "Name, note and tags" });
  await dialog.getByRole("textbox", { name: "Name" }).fill("The slow one");
  await dialog.getByRole("combobox", { name: "Tags" }).fill("paper");
  await page.keyboard.press("Enter");
  await dialog.getByRole("textbox", { name: "Note" }).fill("To see how little is enough.");
  await accessible(page);
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog).toBeHidden();
  const row = page.getByRole("listitem").filter({ hasText: "The slow one" });
  await expect(row).toContainText("paper");
  await row.getByRole("button", { name: "More of The slow one" }).click();
  await page.getByRole("menuitem", { name: "Pin to the top" }).click();
  await expect(rows.first()).toContainText("The slow one");

  await page.getByRole("button", { name: "Filters" }).click();
  await page.getByRole("combobox", { name: "Tag" }).click();
  await page.getByRole("option", { name: "paper" }).click();
  await expect(page).toHaveURL(/tag=paper/);
  await expect(page.getByText(/^1 of/)).toBeVisible();
  await page.reload();
  await expect(rows).toHaveCount(1);
  await accessible(page);
  await page.getByRole("button", { name: "Remove the filter Tag: paper" }).click();
  await expect(page).not.toHaveURL(/tag/);
  await expect(rows).not.toHaveCount(1);

  await page.goto("/tests");
  await page
    .getByRole("checkbox", { name: `Select ${second?.name}` })
    .first()
    .check();
  await page.getByRole("button", { name: "Archive", exact: true }).click();
  await expect(page.getByRole("region", { name: "Selected tests" })).toBeHidden();
  const stored = await system.call("GET", `/api/quick-tests/${first?.id}/`);
  expect(stored).toMatchObject({ revision: 1, description: "To see how little is enough." });
  await page.goto("/tests?archived=1");
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText("Archived");
  await page.goto(`/tests/${first?.id}`);
  await expect(page.getByText("To see how little is enough.")).toBeVisible();
});

test("a table of tests has the columns that were chosen, and its charts are in the address", async ({
  page,
  system,
}) => {
  test.slow();
  const made = await three(system, "Tabled");
  await page.goto("/tests?q=Tabled");
  await page.getByRole("radiogroup", { name: "View" }).getByText("Table").click();
  const table = page.getByRole("table");
  await expect(table.getByRole("columnheader", { name: "recall@100" })).toBeVisible();
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("textbox", { name: "Find a column" }).fill("learning");
  await page.getByRole("checkbox", { name: "Learning rate" }).check();
  await accessible(page);
  await page.keyboard.press("Escape");
  await table.getByRole("button", { name: "Learning rate" }).click();
  const rates = () => table.getByRole("row").allInnerTexts();
  await expect(table.getByRole("row").nth(1)).toContainText("0.0003");
  await table.getByRole("button", { name: "Learning rate" }).click();
  await expect(table.getByRole("row").nth(1)).toContainText("0.03");
  expect(await rates()).toHaveLength(1 + made.length);

  const sent = page.url();
  await page.goto("/tests?q=Tabled&view=table");
  await expect(table.getByRole("columnheader", { name: "Learning rate" })).toBeVisible();
  await page.evaluate(() => localStorage.clear());
  await page.goto(sent);
  await expect(table.getByRole("row").nth(1)).toContainText("0.03");
  await page.getByRole("switch", { name: "Settings that differ" }).check();
  await expect(table.getByRole("columnheader", { name: "Epochs" })).toBeVisible();
  await expect(table.getByRole("columnheader", { name: "Batch size" })).toHaveCount(0);
  await accessible(page);

  await page.getByRole("radiogroup", { name: "View" }).getByText("Scatter").click();
  await expect(page.locator("svg [data-mark]")).toHaveCount(made.length);
  await page.getByRole("combobox", { name: "Against" }).click();
  await page.getByRole("option", { name: "Epochs", exact: true }).click();
  await expect(page).toHaveURL(/view=scatter.*x=setting%3Aepochs/);
  await accessible(page);
  await page.getByRole("radiogroup", { name: "View" }).getByText("Parallel").click();
  await expect(page.getByText(/The stronger a line/)).toBeVisible();
  await accessible(page);
  await page.getByRole("radiogroup", { name: "View" }).getByText("Curves").click();
  const legend = page.getByRole("list", { name: "Tests in these charts" });
  await expect(legend.getByRole("listitem")).toHaveCount(made.length);
  await accessible(page);
  await page.reload();
  await expect(legend.getByRole("listitem")).toHaveCount(made.length);
});

test("a test runs again as it was", async ({ page, system }) => {
  test.slow();
  const [first] = await three(system, "Again");
  await page.goto(`/tests/${first?.id}`);
  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem", { name: "Run again as it was" }).click();
  await expect(page).not.toHaveURL(new RegExp(`${first?.id}$`));
  await expect(page.getByRole("region", { name: "Verdict" })).toBeVisible({ timeout: 40_000 });
  const again = await system.call("GET", `/api/quick-tests/${page.url().split("/").pop()}/`);
  expect(again.spec).toMatchObject({
    learning_rate_override: 0.0003,
    feature_config_revision: 1,
    model_config_revision: 1,
  });
});

test("sweeps and tunings are pinned, tagged, archived and found again as tests are", async ({
  page,
  system,
}) => {
  test.slow();
  const [features, model] = [await system.features("Series"), await system.model("Series")];
  const spec = { data_sample_percent: 100, epochs: 1 };
  for (const name of ["Early", "Late"]) {
    await system.call("POST", "/api/sweeps/", {
      name: `${name} one`,
      spec: { ...spec, feature_config_ids: [features.id], model_config_ids: [model.id] },
    });
    await system.call("POST", "/api/tunings/", {
      name: `${name} one`,
      spec: {
        ...{ ...spec, feature_config_id: features.id, model_config_id: model.id, trials: 2 },
        space: [{ setting: "temperature", low: 0.05, high: 0.2 }],
      },
    });
  }
  for (const [path, noun] of [
    ["/sweeps", "sweep"],
    ["/tunings", "tuning"],
  ]) {
    await page.goto(`${path}`);
    const rows = page.getByRole("listitem").filter({ has: page.getByRole("link") });
    await page.getByRole("button", { name: "More of Early one" }).click();
    await page.getByRole("menuitem", { name: "Pin to the top" }).click();
    await expect(rows.first()).toContainText("Early one");
    await page.getByRole("link", { name: "Late one" }).click();
    await page.getByRole("button", { name: "More", exact: true }).click();
    await page.getByRole("menuitem", { name: "Name, note and tags" }).click();
    const dialog = page.getByRole("dialog", { name: "Name, note and tags" });
    await dialog.getByRole("combobox", { name: "Tags" }).fill("paper");
    await page.keyboard.press("Enter");
    await dialog.getByRole("textbox", { name: "Note" }).fill("Why it was run.");
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("Why it was run.")).toBeVisible();
    await page.goto(`${path}?tag=paper`);
    await expect(rows).toHaveCount(1);
    await accessible(page);
    await page.getByRole("button", { name: "More of Late one" }).click();
    await page.getByRole("menuitem", { name: "Archive" }).click();
    await expect(page.getByText(`No ${noun} matches these filters.`)).toBeVisible();
    await page.getByRole("button", { name: "Show all" }).click();
    await expect(rows).toHaveCount(1);
    await page.goto(`${path}?archived=1`);
    await expect(rows).toContainText("Late one");
  }
});

test("what narrows a list takes one line where there is room, and two where there is less", async ({
  page,
  system,
}) => {
  await system.quickTest(await system.features("Narrow"), await system.model("Narrow"));
  await page.goto("/tests");
  const lines = async (): Promise<number> => {
    const parts: Locator[] = [
      page.getByRole("textbox", { name: "Find a test" }),
      page.getByRole("button", { name: "Filters" }),
      page
        .getByRole("textbox", { name: "Order" })
        .or(page.getByRole("combobox", { name: "Order" })),
      page.getByRole("radiogroup", { name: "View" }),
    ];
    const boxes = await Promise.all(parts.map((part) => part.boundingBox()));
    return new Set(boxes.map((box) => Math.round(((box?.y ?? 0) + (box?.height ?? 0) / 2) / 16)))
      .size;
  };
  for (const [width, most] of [
    [1440, 1],
    [1024, 2],
    [390, 3],
  ] as const) {
    await page.setViewportSize({ width, height: 900 });
    await expect.poll(lines).toBeLessThanOrEqual(most);
  }
  await page.getByRole("button", { name: "Filters" }).click();
  await expect(page.getByRole("combobox", { name: "Purpose" })).toBeVisible();
  await accessible(page);
});

test("charts are one tab stop each, in which arrows move, Enter opens and Escape leaves", async ({
  page,
  system,
}) => {
  test.slow();
  await three(system, "Keyed");
  const focused = page.locator(":focus");
  for (const [view, chart, arrow] of [
    ["scatter", /against/, "ArrowRight"],
    ["parallel", /Settings and result/, "ArrowDown"],
    ["curves", /Training loss/, "ArrowRight"],
  ] as const) {
    await page.goto(`/tests?q=Keyed&view=${view}`);
    const drawing = page.getByRole("group", { name: chart });
    await expect(drawing.locator('[tabindex="0"]')).toHaveCount(1);
    await drawing.locator('[tabindex="0"]').focus();
    await expect(focused).toHaveAccessibleName(/^Keyed \d/);
    const first = await focused.getAttribute("aria-label");
    await page.keyboard.press(arrow);
    await expect(focused).not.toHaveAccessibleName(first ?? "");
    const next = await focused.getAttribute("aria-label");
    await expect(page.getByText(next ?? "", { exact: true })).toBeVisible();
    await expect(drawing.locator('[tabindex="0"]')).toHaveCount(1);
    await accessible(page);
    await focused.press("Escape");
    await expect(drawing.locator(":focus")).toHaveCount(0);
    await page.keyboard.press("Tab");
    await expect(drawing.locator(":focus")).toHaveCount(0);
    await drawing.locator('[tabindex="0"]').focus();
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/tests\/qt-/);
  }
  const { items } = await system.call<{ items: Document[] }>("GET", "/api/quick-tests/");
  const ids = items.filter(({ name }) => name.startsWith("Keyed")).map(({ id }) => id);
  await page.goto(`/compare/heatmap?tests=${ids.join(",")}`);
  const cells = page.getByRole("table").locator("[data-mark]");
  await expect(cells.first()).toBeVisible();
  await expect(page.getByRole("table").locator('[tabindex="0"]')).toHaveCount(1);
  await cells.first().focus();
  await page.keyboard.press("End");
  await expect(cells.last()).toBeFocused();
  await expect(cells.last()).toHaveAccessibleName(/%/);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/tests\/qt-|\/compare\?tests=/);
});
