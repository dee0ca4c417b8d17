import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { unfit } from "./fits";
import { type Long, longDocuments } from "./long";
import { addresses } from "./pages";
import { expect, type System, test } from "./system";

const WIDTHS = [1440, 1024, 390];
/** A folder to keep a picture of everything that is measured in, to look at. */
const PICTURES = process.env.FITS_PICTURES;

let documents: Promise<Long> | undefined;

function filled(system: System): Promise<Long> {
  documents ??= longDocuments(system);
  return documents;
}

async function measured(page: Page, where: string, faults: string[]): Promise<void> {
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
  await page.waitForTimeout(100);
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    await page.waitForTimeout(120); // what measures itself is drawn anew
    faults.push(...(await unfit(page)).map((fault) => `${where} at ${width}: ${fault}`));
    if (!PICTURES) continue;
    mkdirSync(PICTURES, { recursive: true });
    for (const scheme of ["light", "dark"]) {
      await page.evaluate(
        (value) => document.documentElement.setAttribute("data-mantine-color-scheme", value),
        scheme,
      );
      const name = where.replace(/[^a-z0-9]+/gi, "-").slice(-60);
      const path = join(PICTURES, `${name}-${width}-${scheme}.png`);
      await page.screenshot({ path, fullPage: true });
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}

test("nothing overflows on any page, however long names and values are", async ({
  page,
  system,
}) => {
  test.setTimeout(600_000);
  const { dataset, features, model, tests, sweep, tuning, used, failed } = await filled(system);
  const all = addresses({
    ...{ dataset: dataset.id, features: features.id, model: model.id },
    ...{ tests: tests.map(({ id }) => id), sweep: sweep.id, tuning: tuning.id },
    inUse: used,
  });
  const faults: string[] = [];
  for (const address of [...Object.values(all).flat(), `/tests/${failed.id}`]) {
    await page.goto(address);
    await expect(page.locator("main h1")).toBeVisible();
    const where = address.replace(/(qt|sw|tu|ds|fc|mc)-\w+/g, "$1");
    await measured(page, where, faults);
    for (const tab of (await page.getByRole("tab").all()).slice(1)) {
      await tab.click();
      await measured(page, `${where}, ${await tab.textContent()}`, faults);
    }
  }
  expect([...new Set(faults)]).toEqual([]);
});

test("nothing overflows in any dialog", async ({ page, system }) => {
  test.setTimeout(400_000);
  const { dataset, features, model } = await filled(system);
  const faults: string[] = [];
  const dialog = page.getByRole("dialog").first();
  const opened = async (address: string, button: RegExp): Promise<void> => {
    await page.goto(address);
    const buttons = await page.getByRole("button", { name: button }).all();
    for (const [place, one] of buttons.entries()) {
      await one.click();
      await expect(dialog).toBeVisible();
      await measured(page, `${button.source} ${place} of ${address.split("/")[1]}`, faults);
      await page.keyboard.press("Escape");
      await expect(dialog).toBeHidden();
    }
  };
  await page.goto(`/features/${features.id}/edit`);
  await expect(page.getByRole("button", { name: /^Settings of/ }).first()).toBeVisible();
  await opened(`/features/${features.id}/edit`, /^Settings of|^Add cross feature/);
  await opened(`/models/${model.id}/edit`, /^(Settings of|Change|Edit) /);
  await opened("/datasets/new", /Browse|Choose a file/);
  await opened(`/datasets/${dataset.id}`, /^Version/);
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.keyboard.press("Control+k");
  await expect(page.getByPlaceholder("Search pages", { exact: false })).toBeFocused();
  await page.keyboard.type("part");
  await measured(page, "the palette", faults);
  expect([...new Set(faults)]).toEqual([]);
});

test("what lies over a page leaves no strip beside it where the scroll bar was", async ({
  system,
  playwright,
  launchOptions,
}) => {
  const { features } = await filled(system);
  // Scroll bars take room only where they are not hidden from the start.
  const browser = await playwright.chromium.launch({
    ...launchOptions,
    ignoreDefaultArgs: ["--hide-scrollbars"],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1024, height: 700 } });
    await page.goto(`${system.url}/features/${features.id}/edit`);
    await page
      .getByRole("button", { name: /^Settings of/ })
      .first()
      .click();
    await expect(page.getByRole("dialog")).toBeVisible();
    const overlay = page.locator(".mantine-Modal-overlay");
    await expect.poll(async () => (await overlay.boundingBox())?.width).toBe(1024);
  } finally {
    await browser.close();
  }
});
