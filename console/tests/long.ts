import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type InUse, inUse } from "./in-use";
import type { Document, System } from "./system";

/** A text of so many characters; with `gap`, in words. */
export function long(start: string, characters: number, gap = ""): string {
  let text = start;
  for (let n = 1; text.length < characters; n++) text += `${gap || "_"}part${n}`;
  return text.slice(0, characters);
}

const COLUMNS = {
  customer_id: long("customer_identification_number_as_the_warehouse_calls_it", 300),
  product_id: long("article_number", 300),
  transaction_date: "bought at the moment that the till has printed on the receipt",
  customer_city: long("city of the customer", 300, " "),
  category: long("category", 120),
  product_price: long("price_before_discounts", 300),
  quantity: "units",
};

/** Everything that a page shows, with names and values as long as they may be. */
export interface Long {
  dataset: Document;
  features: Document;
  model: Document;
  tests: Document[];
  sweep: Document;
  tuning: Document;
  failed: Document;
  used: InUse;
}

export async function longDocuments(system: System): Promise<Long> {
  const roles = Object.keys(COLUMNS);
  const columns = Object.values(COLUMNS);
  const lines = [columns.join(",")];
  for (let n = 0; n < 1200; n++) {
    const product = (n * 7 + Math.floor(n / 3)) % 60;
    lines.push(
      [
        long(`CUSTOMER${n % 150}`, 80),
        `${4_006_381_333_931 + product}-${long("variant", 40)}`,
        new Date(Date.UTC(2024, 0, 1) + n * 5_400_000).toISOString(),
        long(["Llanfairpwllgwyngyll", "Ulm", "Köln"][n % 3] as string, 200),
        long(`category ${product % 6} of household goods`, 250, " "),
        ((((product * 37) % 400) / 10) * 1e7 - 3).toFixed(4),
        1 + (n % 4),
      ].join(","),
    );
  }
  const uri = join(system.folder, `${long("purchases_of_the_last_three_years", 180)}.csv`);
  writeFileSync(uri, `${lines.join("\n")}\n`);
  const dataset = await made(system, "datasets", {
    source: { kind: "csv", uri },
    column_mapping: Object.fromEntries(columns.map((name, at) => [name, roles[at]])),
  });
  const spec = await system.call<{
    buyer_model_features: { column: string; type: string }[];
    product_model_features: object[];
    product_model_crosses: object[];
  }>("GET", `/api/datasets/${dataset.id}/smart-defaults/`);
  const city = spec.buyer_model_features.find(({ column }) => column === COLUMNS.customer_city);
  const features = await made(system, "feature-configs", {
    ...spec,
    buyer_model_crosses: [
      {
        features: [COLUMNS.customer_id, COLUMNS.customer_city],
        hash_bucket_size: 10_000,
        embedding_dim: 16,
      },
    ],
    product_model_features: [...spec.product_model_features, city],
  });
  const model = await system.model(long("model", 255), "deep", {});
  const tests: Document[] = [];
  for (const epochs of [1, 3]) {
    const { id } = await system.call("POST", "/api/quick-tests/", {
      name: long(`test${epochs}`, 255),
      description: long("Why", 900, " "),
      spec: {
        ...{ feature_config_id: features.id, model_config_id: model.id },
        ...{ data_sample_percent: 100, epochs },
        leave_out: epochs === 3 ? [{ tower: "buyer", column: COLUMNS.customer_city }] : [],
      },
    });
    tests.push(await system.endedTest(id));
  }
  const sweep = await system.call("POST", "/api/sweeps/", {
    name: long("sweep", 255),
    description: long("About", 900, " "),
    spec: {
      feature_config_ids: [features.id],
      model_config_ids: [model.id],
      data_sample_percent: 100,
      ablation: true,
    },
  });
  const tuning = await system.call("POST", "/api/tunings/", {
    name: long("tuning", 255),
    description: long("About", 900, " "),
    spec: {
      ...{ feature_config_id: features.id, model_config_id: model.id },
      ...{ data_sample_percent: 100, epochs: 1, trials: 3 },
      space: [
        { setting: "temperature", low: 0.05, high: 0.2 },
        { setting: "included", tower: "buyer", column: COLUMNS.customer_city },
      ],
    },
  });
  await ended(system, `/api/tunings/${tuning.id}/`);
  system.mark("broken", true);
  const broken = await system.quickTest(features, model, { data_sample_percent: 100, epochs: 4 });
  const failed = await system.endedTest(broken.id);
  system.mark("broken", false);
  const used = await inUse(system, String(tests[0]?.id), dataset.id, (start) =>
    long(start, start.startsWith("about") ? 900 : 255, " ").trimEnd(),
  );
  return { dataset, features, model, tests, sweep, tuning, failed, used };
}

async function made(system: System, kind: string, spec: object): Promise<Document> {
  const { id } = await system.call("POST", `/api/${kind}/`, {
    name: long(kind, 255),
    description: long("What it is for", 900, " "),
    spec,
  });
  for (;;) {
    const document = await system.call("GET", `/api/${kind}/${id}/`);
    const { state, problems } = document.status.validation;
    if (state === "invalid") throw new Error(JSON.stringify(problems));
    if (state === "valid") return document;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function ended(system: System, path: string): Promise<void> {
  for (;;) {
    const { status } = await system.call("GET", path);
    if (["completed", "failed", "cancelled"].includes(status.state)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
