import type { Locator, Page } from "@playwright/test";

/** Drags as a hand does: press, move in steps, release. */
export async function drag(page: Page, what: Locator, onto: Locator): Promise<void> {
  await onto.scrollIntoViewIfNeeded();
  await what.scrollIntoViewIfNeeded();
  const from = await what.boundingBox();
  const to = await onto.boundingBox();
  if (!from || !to) throw new Error("nothing to drag, or nowhere to drag it");
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(from.x + from.width / 2 + 12, from.y + from.height / 2 + 6);
  const y = Math.min(690, Math.max(60, to.y + Math.min(90, to.height / 2)));
  await page.mouse.move(to.x + to.width / 2, y, { steps: 12 });
  await page.mouse.up();
}
