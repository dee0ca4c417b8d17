import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { inUse } from "./in-use";
import { addresses } from "./pages";
import { type Document, expect, type System, test } from "./system";

/** Names that would each say `letIn` were they ever markup, an address or a template. */
const NAMES = [
  '<img src=x onerror="window.letIn=1">',
  '"><svg onload=window.letIn=1>',
  "</script><script>window.letIn=1</script>",
  "javascript:window.letIn=1//'\"`",
  "{{constructor.constructor('window.letIn=1')()}}#{window.letIn=1}",
  "<iframe srcdoc='<script>parent.letIn=1</script>'></iframe><base href=//127.0.0.1:9/>",
];

let turn = 0;
const hostile = (plain: string): string => `${NAMES[turn++ % NAMES.length]} ${plain}`;

/** Purchases whose columns and values are called so, in a file of such a name. */
function csv(system: System): { uri: string; roles: Record<string, string> } {
  const folder = join(system.folder, "<img src=x onerror=window.letIn=1>");
  mkdirSync(folder, { recursive: true });
  const roles = ["customer_id", "product_id", "transaction_date", "category", "product_price"];
  const columns = roles.map(hostile);
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const lines = [columns.map(quoted).join(",")];
  for (let n = 0; n < 1200; n++) {
    lines.push(
      [
        quoted(`${NAMES[0]}${n % 150}`),
        quoted(`${NAMES[1]}${(n * 7 + Math.floor(n / 3)) % 60}`),
        new Date(Date.UTC(2024, 0, 1) + n * 5_400_000).toISOString(),
        quoted(NAMES[n % NAMES.length] as string),
        (((n * 37) % 400) / 10).toFixed(2),
      ].join(","),
    );
  }
  const uri = join(folder, "<svg onload=window.letIn=1>.csv");
  writeFileSync(uri, `${lines.join("\n")}\n`);
  return { uri, roles: Object.fromEntries(columns.map((name, at) => [name, roles[at] as string])) };
}

async function valid(system: System, path: string): Promise<Document> {
  const state = async () => (await system.call("GET", path)).status.validation.state;
  await expect.poll(state, { timeout: 40_000 }).toBe("valid");
  return system.call("GET", path);
}

async function made(system: System, kind: string, spec: object): Promise<Document> {
  const body = { name: hostile(kind), description: hostile(`about ${kind}`), spec };
  const { id } = await system.call("POST", `/api/${kind}/`, body);
  return valid(system, `/api/${kind}/${id}/`);
}

/** No script of theirs has run, and nothing that they wrote is more than text. */
async function harmless(page: Page, where: string): Promise<void> {
  const found = await page.evaluate(() => {
    const elements = [...document.querySelectorAll("*")];
    const active = elements.filter(
      (element) =>
        [...element.attributes].some(
          ({ name, value }) =>
            /^(on|srcdoc)/i.test(name) ||
            (/href|src|action|data$/i.test(name) && /^\s*javascript:/i.test(value)),
        ) || element.matches("img[src='x'], iframe, base, object, embed, script:not([src])"),
    );
    return { letIn: "letIn" in window, active: active.map((element) => element.outerHTML) };
  });
  expect(found, where).toEqual({ letIn: false, active: [] });
}

/** Until nothing has been loaded for a moment: the network is never idle, for changes are heard of. */
async function nothingNew(): Promise<void> {
  const loaded = () => performance.getEntriesByType("resource").length;
  for (let before = -1, looks = 0; loaded() > before && looks < 10; looks++) {
    before = loaded();
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

test("no name is more than a text on any page", async ({ page, system }) => {
  test.setTimeout(400_000);
  const dialogs: string[] = [];
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  const { uri, roles } = csv(system);
  const dataset = await made(system, "datasets", {
    source: { kind: "csv", uri },
    column_mapping: roles,
  });
  const spec = await system.call<object>("GET", `/api/datasets/${dataset.id}/smart-defaults/`);
  const features = await made(system, "feature-configs", spec);
  const model = await system.model(hostile("model"));
  const configs = { feature_config_id: features.id, model_config_id: model.id };
  const tests: string[] = [];
  for (const epochs of [1, 2]) {
    const { id } = await system.call("POST", "/api/quick-tests/", {
      name: hostile("test"),
      description: hostile("about a test"),
      spec: { ...configs, data_sample_percent: 100, epochs },
    });
    tests.push(id);
    await system.endedTest(id);
  }
  const sweep = await system.call("POST", "/api/sweeps/", {
    name: hostile("sweep"),
    description: hostile("about a sweep"),
    spec: {
      feature_config_ids: [features.id],
      model_config_ids: [model.id],
      data_sample_percent: 100,
      overrides: [{ training_seed: 1 }, { training_seed: 2 }],
    },
  });
  const tuning = await system.call("POST", "/api/tunings/", {
    name: hostile("tuning"),
    description: hostile("about a tuning"),
    spec: {
      ...{ feature_config_id: features.id, model_config_id: model.id },
      ...{ data_sample_percent: 100, epochs: 1, trials: 2 },
    },
  });
  const id = encodeURIComponent(NAMES[0] as string);
  const used = await inUse(system, tests[0] as string, dataset.id, hostile);
  const pages = addresses({
    ...{ dataset: dataset.id, features: features.id, model: model.id },
    ...{ tests, sweep: sweep.id, tuning: tuning.id },
    inUse: used,
  });
  const unknown = [
    ...[`/${id}`, `/datasets/${id}`, `/features/${id}`, `/models/${id}/edit`, `/tests/${id}`],
    ...[`/compare?tests=${id},${id}`, `/sweeps/${id}`, `/tunings/${id}`],
    `/compare/heatmap?tests=${tests}&metric=${id}&rows=${id}`,
  ];

  let shown = 0;
  for (const paths of [...Object.values(pages), unknown]) {
    for (const address of paths) {
      await page.goto(address);
      await expect(page.locator("main")).toBeVisible();
      await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
      await page.evaluate(nothingNew);
      await harmless(page, address);
      for (const tab of await page.getByRole("tab").all()) {
        await tab.click();
        await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
        await harmless(page, `${address}, ${await tab.textContent()}`);
      }
      shown += (await page.locator("main").innerText()).split("letIn").length - 1;
    }
  }
  expect(shown, "how often a hostile name was on a page").toBeGreaterThan(100);

  await page.goto("/");
  await expect(page.locator("main")).toBeVisible();
  await page.keyboard.press("Control+k");
  await expect(page.getByPlaceholder("Search pages", { exact: false })).toBeFocused();
  await page.keyboard.type("letIn");
  await expect(page.getByRole("dialog")).toContainText("letIn");
  await harmless(page, "the command palette");

  const { headers } = await fetch(`${system.url}/`);
  expect(headers.get("content-security-policy")).toContain("script-src 'self';");
  await page.goto(`/api/quick-tests/${tests[1]}/report/`);
  await expect(page.locator("main")).toContainText("letIn");
  await harmless(page, "the report");
  expect(dialogs).toEqual([]);
});
