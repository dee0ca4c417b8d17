import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test as base, expect } from "@playwright/test";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PYTHON = join(ROOT, ".venv", "bin", "python");
const TRAINER = join(ROOT, ".venv-trainer", "bin", "python");
const START_MS = 40_000;

export interface Document {
  id: string;
  name: string;
  revision: number;
  // biome-ignore lint/suspicious/noExplicitAny: documents of every kind
  spec: any;
  // biome-ignore lint/suspicious/noExplicitAny: documents of every kind
  status: any;
}

/** A running Recsmith over a home of its own, and short ways to fill it. */
export class System {
  readonly folder = mkdtempSync(join(tmpdir(), "recsmith-console-"));
  readonly home = join(this.folder, "home");
  url = "";
  private process: ChildProcess | null = null;
  private readonly standIn: boolean;

  constructor(standIn = true) {
    if (!standIn && !existsSync(TRAINER)) {
      throw new Error(`${TRAINER} is not there. \`make console-test\` installs it.`);
    }
    this.standIn = standIn;
  }

  /** Starts it, on the port that it had before if it ran already. */
  async up(): Promise<void> {
    const port = this.url ? new URL(this.url).port : "0";
    const options = ["--home", this.home, "--port", port, ...(this.standIn ? ["--stand-in"] : [])];
    const child = spawn(PYTHON, [join(ROOT, "console", "tests", "serve.py"), ...options], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, RECSMITH_HOME: "", PYTHONPATH: ROOT },
    });
    this.process = child;
    let said = "";
    child.stdout?.on("data", (text) => {
      said += text;
    });
    child.stderr?.on("data", (text) => {
      said += text;
    });
    const deadline = Date.now() + START_MS;
    for (;;) {
      if (child.exitCode !== null) throw new Error(`Recsmith ended: ${said}`);
      if (Date.now() > deadline) throw new Error(`Recsmith did not start: ${said}`);
      try {
        const note = JSON.parse(readFileSync(join(this.home, "server.json"), "utf8"));
        if (note.pid === child.pid) {
          this.url = note.url;
          return;
        }
      } catch {
        // not written yet
      }
      await pause(100);
    }
  }

  /** `kill -9` of the whole system, as a power cut would. */
  async kill(): Promise<void> {
    await this.end("SIGKILL");
  }

  async stop(): Promise<void> {
    await this.end("SIGTERM"); // SIGINT may be ignored, as it is under nohup
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.process;
    this.process = null;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
  }

  /** While it holds, training of the stand-in does not end. */
  slow(on: boolean): void {
    this.mark("slow", on);
  }

  /** What the stand-in goes by: see tests/integration/stand_in_program.py. */
  mark(name: "slow" | "broken" | "varied" | "chance", on: boolean): void {
    const file = join(this.home, name);
    if (on) writeFileSync(file, "");
    else rmSync(file, { force: true });
  }

  async call<Answer = Document>(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { "Content-Type": "application/json", Origin: this.url },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text ? JSON.parse(text) : null) as Answer;
  }

  /** A small shop's purchases as a CSV file; its path. */
  csv(name = "purchases.csv", rows = 1200): string {
    const cities = ["Ulm", "Köln", "Graz", "Bern", "Linz"];
    const lines = [
      "customer_id,product_id,bought_at,city,category,subcategory,price,quantity,note",
    ];
    for (let n = 0; n < rows; n++) {
      const product = (n * 7 + Math.floor(n / 3)) % 60;
      const moment = new Date(Date.UTC(2024, 0, 1) + n * 5_400_000).toISOString();
      const price = (((product * 37) % 400) / 10 + 0.99).toFixed(2);
      lines.push(
        [
          `c${String(n % 150).padStart(4, "0")}`,
          `p${product}`,
          moment,
          cities[(n % 150) % 5],
          `category ${product % 6}`,
          `kind ${product % 20}`,
          n % 50 === 0 ? "" : price,
          1 + (n % 4),
          n % 3 ? "" : "gift",
        ].join(","),
      );
    }
    const path = join(this.folder, name);
    const text = `${lines.join("\n")}\n`;
    // Written anew, it would be data that has changed.
    if (!existsSync(path) || readFileSync(path, "utf8") !== text) writeFileSync(path, text);
    return path;
  }

  /** A dataset that has been read. */
  async dataset(name = "Shop"): Promise<Document> {
    const made = await this.call("POST", "/api/datasets/", {
      name,
      spec: {
        source: { kind: "csv", uri: this.csv(`${name.replace(/\W/g, "-")}.csv`) },
        column_mapping: {
          customer_id: "customer_id",
          product_id: "product_id",
          bought_at: "transaction_date",
          city: "customer_city",
          category: "category",
          subcategory: "subcategory",
          price: "product_price",
          quantity: "quantity",
        },
      },
    });
    return this.settled(`/api/datasets/${made.id}/`);
  }

  /** A feature config by smart defaults. */
  async features(name = "Smart defaults", dataset?: Document): Promise<Document> {
    const { id } = dataset ?? (await this.dataset());
    const spec = await this.call("GET", `/api/datasets/${id}/smart-defaults/`);
    const made = await this.call("POST", "/api/feature-configs/", { name, spec });
    return this.settled(`/api/feature-configs/${made.id}/`);
  }

  /** A model config of a preset. */
  async model(name = "Standard", preset = "standard", changes: object = {}): Promise<Document> {
    const { spec } = await this.call("GET", `/api/model-configs/presets/${preset}/`);
    const made = await this.call("POST", "/api/model-configs/", {
      name,
      spec: { ...spec, ...changes },
    });
    return this.settled(`/api/model-configs/${made.id}/`);
  }

  /** Starts a quick test. */
  async quickTest(features: Document, model: Document, spec: object = {}): Promise<Document> {
    return this.call("POST", "/api/quick-tests/", {
      spec: { feature_config_id: features.id, model_config_id: model.id, ...spec },
    });
  }

  async endedTest(id: string): Promise<Document> {
    return this.eventually(`/api/quick-tests/${id}/`, ({ status }) => status.ended_at);
  }

  /** A registered model with one version. */
  async registered(name: string, features?: Document, model?: Document): Promise<Document> {
    const test = await this.quickTest(
      features ?? (await this.features()),
      model ?? (await this.model()),
      { data_sample_percent: 100 },
    );
    await this.endedTest(test.id);
    return this.version(test, name);
  }

  /** Another version of a registered model, trained in full as a test was. */
  async version(test: { id: string }, name: string, settings: object = {}): Promise<Document> {
    const path = `/api/quick-tests/${test.id}/full-training/`;
    const full = await this.call("POST", path, { model_name: name, epochs: 1, ...settings });
    await this.endedTest(full.id);
    const deadline = Date.now() + START_MS;
    for (;;) {
      const { items } = await this.call<{ items: Document[] }>("GET", "/api/registered-models/");
      const found = items.find(
        (one) => one.name === name && one.status.latest?.quick_test_id === full.id,
      );
      if (found) return found;
      if (Date.now() > deadline) throw new Error(`${name} was not registered.`);
      await pause(100);
    }
  }

  settled(path: string): Promise<Document> {
    return this.eventually(path, ({ status, revision }) => {
      const { validation } = status;
      return validation.revision === revision && ["valid", "invalid"].includes(validation.state);
    });
  }

  private async eventually(
    path: string,
    holds: (document: Document) => unknown,
  ): Promise<Document> {
    const deadline = Date.now() + START_MS;
    for (;;) {
      const document = await this.call("GET", path);
      if (holds(document)) return document;
      if (Date.now() > deadline) throw new Error(`${path} did not come so far.`);
      await pause(100);
    }
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** The system of the file whose tests a worker runs now. */
class Current {
  private key = "";
  private system: System | null = null;

  async of(file: string, standIn: boolean): Promise<System> {
    const key = `${file} ${standIn}`;
    if (this.system && this.key === key) return this.system;
    await this.stop();
    const system = new System(standIn);
    this.key = key;
    this.system = system;
    await system.up();
    return system;
  }

  async stop(): Promise<void> {
    await this.system?.stop();
    this.system = null;
  }
}

interface Fixtures {
  standIn: boolean;
  system: System;
  watched: undefined;
}

/**
 * `system`: one that the tests of a file share, and no others. `page` knows its address, and fails
 * the test on errors in the browser's console. `standIn: false` trains really.
 */
export const test = base.extend<Fixtures, { current: Current }>({
  standIn: [true, { option: true }],
  current: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures from it
    async ({}, use) => {
      const current = new Current();
      await use(current);
      await current.stop();
    },
    { scope: "worker" },
  ],
  system: [
    async ({ current, standIn }, use, { file }) => use(await current.of(file, standIn)),
    { timeout: 2 * START_MS },
  ],
  baseURL: async ({ system }, use) => use(system.url),
  watched: [
    async ({ page }, use) => {
      const faults: string[] = [];
      page.on("pageerror", (fault) => faults.push(String(fault)));
      page.on("console", (message) => {
        // An answer that is no success is told by the page itself.
        if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
          faults.push(message.text());
        }
      });
      await use(undefined);
      expect(faults, "errors in the browser's console").toEqual([]);
    },
    { auto: true },
  ],
});

export { accessible } from "./accessible";
export { expect };
