import type { Page } from "@playwright/test";
import { inUse } from "./in-use";
import { addresses } from "./pages";
import { expect, test } from "./system";

const LOST = "The server is not responding; trying again …";

function banner(page: Page) {
  return page.getByText(LOST);
}

/** Nothing pretends to be loading, and what could not be loaded can be asked for again. */
async function told(page: Page, address: string): Promise<void> {
  const again = page.locator("main").getByRole("button", { name: "Try again" });
  await expect(again.first(), address).toBeVisible();
  await expect(page.locator("main .mantine-Skeleton-root"), address).toHaveCount(0);
  await expect(page.locator("main [aria-busy=true]"), address).toHaveCount(0);
}

test("a server that is gone is said, and the page is read anew when it is back", async ({
  page,
  system,
}) => {
  test.setTimeout(240_000);
  const dataset = await system.dataset("Before");
  await page.goto("/datasets");
  await expect(page.getByRole("link", { name: "Before" })).toBeVisible();
  await page.goto(`/features/new?dataset=${dataset.id}`);
  const name = page.getByLabel("Config name");
  await name.fill("Typed before the server went");

  await system.kill();
  await expect(banner(page)).toBeVisible({ timeout: 40_000 });
  await expect(name).toHaveValue("Typed before the server went");

  await system.up();
  await expect(banner(page)).toBeHidden({ timeout: 40_000 });
  await expect(name).toHaveValue("Typed before the server went");

  await page.goto(`/datasets/${dataset.id}`);
  await expect(page.getByRole("heading", { name: "Before" })).toBeVisible();
  await system.kill();
  await expect(banner(page)).toBeVisible({ timeout: 40_000 });
  await system.up();
  await system.call("PUT", `/api/datasets/${dataset.id}/`, {
    name: "After",
    spec: dataset.spec,
  });
  await expect(page.getByRole("heading", { name: "After" })).toBeVisible({ timeout: 40_000 });
  await expect(banner(page)).toBeHidden();
});

test("a running test is followed again when the server is back", async ({ page, system }) => {
  test.setTimeout(240_000);
  const features = await system.features("Followed");
  const model = await system.model("Followed", "minimal");
  system.slow(true);
  const { id } = await system.quickTest(features, model, { data_sample_percent: 100 });
  await page.goto(`/tests/${id}`);
  await expect(page.getByText("Training the towers …")).toBeVisible({ timeout: 40_000 });
  await system.kill();
  await expect(banner(page)).toBeVisible({ timeout: 40_000 });
  await system.up();
  system.slow(false);
  await expect(page.getByRole("region", { name: "Verdict" })).toBeVisible({ timeout: 60_000 });
  await expect(banner(page)).toBeHidden();
});

test("no page shows a skeleton for ever", async ({ page, context, system }) => {
  test.setTimeout(400_000);
  const dataset = await system.dataset("Offline");
  const features = await system.features("Offline", dataset);
  const model = await system.model("Offline", "minimal");
  const made = [];
  for (const epochs of [1, 2]) {
    made.push(await system.quickTest(features, model, { data_sample_percent: 100, epochs }));
  }
  for (const { id } of made) await system.endedTest(id);
  const sweep = await system.call("POST", "/api/sweeps/", {
    name: "Offline",
    spec: {
      feature_config_ids: [features.id],
      model_config_ids: [model.id],
      data_sample_percent: 100,
      overrides: [{ training_seed: 1 }, { training_seed: 2 }],
    },
  });
  const tuning = await system.call("POST", "/api/tunings/", {
    name: "Offline",
    spec: {
      ...{ feature_config_id: features.id, model_config_id: model.id },
      ...{ data_sample_percent: 100, epochs: 1, trials: 2 },
    },
  });
  const used = await inUse(system, String(made[0]?.id), dataset.id, (start) => start);
  const all = addresses({
    ...{ dataset: dataset.id, features: features.id, model: model.id },
    ...{ tests: made.map(({ id }) => id), sweep: sweep.id, tuning: tuning.id },
    inUse: used,
  });
  // The console's own files come; the API does not answer, or answers nothing but a proxy's page.
  let gone = true;
  await context.route("**/api/**", (route) => {
    if (!gone) return route.continue();
    return route.request().url().endsWith("/datasets/")
      ? route.abort("connectionrefused")
      : route.fulfill({ status: 502, contentType: "text/html", body: "<h1>Bad gateway</h1>" });
  });
  for (const address of Object.values(all).flat()) {
    await page.goto(address);
    await told(page, address);
  }
  gone = false;
  await expect(banner(page)).toBeHidden({ timeout: 40_000 });
  await expect(page.locator("main .mantine-Skeleton-root")).toHaveCount(0);

  // The browser without a network: pages that have not been opened cannot even be loaded.
  await page.goto("/");
  await context.setOffline(true);
  await page.getByRole("navigation").getByRole("link", { name: "Compare" }).click();
  await told(page, "a page that was not loaded before");
  await expect(page.getByRole("heading", { name: "This page could not be loaded" })).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByRole("heading", { name: "Compare" })).toBeVisible({ timeout: 40_000 });
});
