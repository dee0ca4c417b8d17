/**
 * How fast the console is in Chromium: `node scripts/budgets.mjs URL` prints JSON. Asked for by
 * `make bench ONLY=console`, over a system with many tests.
 */
import { chromium } from "@playwright/test";

const [url, executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium"] = process.argv.slice(2);
const ROUNDS = 3;
const SECTIONS = ["Datasets", "Features", "Models", "Quick tests", "Compare", "Sweeps", "Tuning"];

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const first = [];
for (let round = 0; round < ROUNDS; round++) first.push(await firstLoad());
const navigation = await navigated();
const builder = await changed();
const list = await scrolled();
await browser.close();
console.log(JSON.stringify({ first, navigation, builder, list }));

/**
 * A browser that has loaded nothing opens home: milliseconds until it is drawn, and KB of all
 * scripts that it has loaded when its last section stands there too.
 */
async function firstLoad() {
  const page = await (await browser.newContext()).newPage();
  await page.goto(url);
  await page.locator("main h1").waitFor();
  const milliseconds = await page.evaluate(() => performance.now());
  await page.getByRole("heading", { name: "Latest quick tests" }).waitFor();
  await page.getByRole("heading", { name: "Next step" }).waitFor();
  const kilobytes = await page.evaluate(() =>
    performance
      .getEntriesByType("resource")
      .filter(({ name }) => name.endsWith(".js"))
      .reduce((sum, { encodedBodySize }) => sum + encodedBodySize / 1024, 0),
  );
  await page.context().close();
  return { milliseconds, kilobytes };
}

/** From a click in the navigation to the drawn page, in milliseconds; each has been loaded before. */
async function navigated() {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(`${url}/models`);
  const found = [];
  for (let round = 0; round <= ROUNDS; round++) {
    for (const name of SECTIONS) {
      const link = page.getByRole("navigation").getByRole("link", { name, exact: true });
      const took = await link.evaluate(
        (element) =>
          new Promise((resolve) => {
            const before = document.querySelector("main h1")?.textContent;
            const began = performance.now();
            const look = () => {
              const now = document.querySelector("main h1")?.textContent;
              if (now && now !== before)
                requestAnimationFrame(() => resolve(performance.now() - began));
              else requestAnimationFrame(look);
            };
            element.click();
            look();
          }),
      );
      if (round > 0) found.push(took);
      await page.waitForTimeout(150);
    }
  }
  await page.close();
  return found;
}

/** What each change in a builder takes to the next paint, in milliseconds, by the browser. */
async function changed() {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(`${url}/models/new`);
  await page.getByRole("textbox", { name: /^Name/ }).waitFor();
  await page.evaluate(() => {
    window.events = [];
    new PerformanceObserver((list) => {
      for (const one of list.getEntries()) {
        if (one.interactionId) window.events.push(one.duration);
      }
    }).observe({ type: "event", durationThreshold: 16 });
  });
  await page.getByRole("textbox", { name: /^Name/ }).click();
  await page.keyboard.type("Deep towers", { delay: 40 });
  for (const task of ["Ranking", "Multitask", "Retrieval"]) {
    await page.getByRole("radio", { name: task, exact: false }).first().click();
    await page.waitForTimeout(150);
  }
  await page.getByRole("button", { name: "Continue" }).click();
  await page.waitForTimeout(300);
  for (const preset of await page.getByRole("radio").all()) {
    if (await preset.isVisible()) await preset.click({ force: true });
    await page.waitForTimeout(150);
  }
  await page.waitForTimeout(300);
  const found = await page.evaluate(() => window.events);
  await page.close();
  return found;
}

/** All tests are listed and scrolled through: milliseconds of the long tasks, by the browser. */
async function scrolled() {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(`${url}/tests`);
  const began = Date.now();
  await page.getByText(/\d tests?$/).waitFor({ timeout: 120_000 });
  const read = Date.now() - began;
  await page.evaluate(() => {
    window.tasks = [];
    new PerformanceObserver((list) => {
      for (const one of list.getEntries()) window.tasks.push(one.duration);
    }).observe({ type: "longtask" });
  });
  for (let turn = 0; turn < 40; turn++) {
    await page.mouse.move(700, 500);
    await page.mouse.wheel(0, 2_500);
    const more = page.getByRole("button", { name: /more/i });
    if (
      await more
        .first()
        .isVisible()
        .catch(() => false)
    )
      await more.first().click();
    await page.waitForTimeout(60);
  }
  const rows = await page.getByRole("listitem").count();
  const tasks = await page.evaluate(() => window.tasks);
  await page.close();
  return { read, rows, tasks };
}
