import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";

const FOLDER = fileURLToPath(new URL("../screenshots", import.meta.url));
const WIDTHS = { wide: 1440, narrow: 1024, phone: 390 } as const;

/** `screenshots/NAME-wide-light.png` and the other five, of the whole page as it stands. */
export async function shoot(page: Page, name: string, fullPage = true): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  for (const [width, pixels] of Object.entries(WIDTHS)) {
    await page.setViewportSize({ width: pixels, height: width === "wide" ? 800 : 844 });
    for (const scheme of ["light", "dark"]) {
      await page.evaluate(
        (value) => document.documentElement.setAttribute("data-mantine-color-scheme", value),
        scheme,
      );
      await page.waitForTimeout(150);
      await page.screenshot({ path: join(FOLDER, `${name}-${width}-${scheme}.png`), fullPage });
    }
  }
  await page.setViewportSize({ width: WIDTHS.wide, height: 800 });
  await page.evaluate(() =>
    document.documentElement.setAttribute("data-mantine-color-scheme", "light"),
  );
}
