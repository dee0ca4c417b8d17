import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/** An animation that is paused never finishes. */
const LONGEST_MS = 2_000;

/** Waits until nothing on the page fades or moves any more: half-faded text has no contrast. */
async function still(page: Page): Promise<void> {
  await page.evaluate(async (longest) => {
    const ending = document
      .getAnimations()
      .filter((animation) => animation.effect?.getComputedTiming().endTime !== Infinity);
    await Promise.race([
      Promise.allSettled(ending.map((animation) => animation.finished)),
      new Promise((resolve) => setTimeout(resolve, longest)),
    ]);
  }, LONGEST_MS);
}

/** No serious or critical violation on what is shown now, in either colour scheme. */
export async function accessible(page: Page): Promise<void> {
  for (const scheme of ["light", "dark"] as const) {
    await page.evaluate(
      (value) => document.documentElement.setAttribute("data-mantine-color-scheme", value),
      scheme,
    );
    await still(page);
    // One frame, so no second page is needed; in the dark, nothing but the colours differs.
    const axe = new AxeBuilder({ page }).setLegacyMode();
    if (scheme === "dark") axe.withRules(["color-contrast"]);
    const { violations } = await axe.analyze();
    const serious = violations.filter(
      ({ impact }) => impact === "serious" || impact === "critical",
    );
    const told = serious.map(({ id, help, nodes }) => ({
      id,
      help,
      nodes: nodes.slice(0, 3).map(({ html, failureSummary }) => `${html}: ${failureSummary}`),
    }));
    expect(told, `accessibility in ${scheme}`).toEqual([]);
  }
  await page.evaluate(() =>
    document.documentElement.setAttribute("data-mantine-color-scheme", "light"),
  );
}
