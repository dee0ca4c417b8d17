import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "@playwright/test";
import type { InUse } from "./in-use";

const SOURCES = fileURLToPath(new URL("../src", import.meta.url));

interface Ids {
  dataset: string;
  features: string;
  model: string;
  /** Two that can be compared. */
  tests: string[];
  sweep: string;
  tuning: string;
  inUse: InUse;
}

/** The address of every page of the console, by its section ("*": of none), over these documents. */
export function addresses(ids: Ids): Record<string, string[]> {
  const { dataset, features, model, tests, sweep, tuning, inUse } = ids;
  const pages = {
    "*": ["/"],
    datasets: ["", "/new", `/${dataset}`, `/${dataset}/report`, "/forget"],
    features: ["", `/new?dataset=${dataset}`, `/${features}`, `/${features}/edit`],
    models: ["", "/new", `/${model}`, `/${model}/edit`],
    tests: ["", `/new?features=${features}&model=${model}`, ...tests.map((one) => `/${one}`)],
    compare: ["", `?tests=${tests}`, `/heatmap?tests=${tests}`],
    sweeps: ["", `/new?features=${features}&model=${model}`, `/${sweep}`],
    tunings: ["", `/new?features=${features}&model=${model}`, `/${tuning}`],
    "in-use": [
      ...["", `/${inUse.registered}`, "/rules", `/rules/new?dataset=${dataset}`],
      ...[`/rules/${inUse.rules}`, `/rules/${inUse.rules}/edit`],
      ...["/schedules", `/schedules/new?model=${inUse.registered}`],
      ...[`/schedules/${inUse.schedule}`, `/schedules/${inUse.schedule}/edit`],
      ...["/experiments", `/experiments/new?model=${inUse.registered}`],
      `/experiments/${inUse.registered}/${inUse.experiment}`,
    ],
  };
  expect(Object.keys(pages).sort(), "every section of the console is opened").toEqual(
    ["*", ...sections()].sort(),
  );
  return Object.fromEntries(
    Object.entries(pages).map(([section, paths]) => [
      section,
      section === "*" ? paths : paths.map((path) => `/${section}${path}`),
    ]),
  );
}

function sections(): string[] {
  return readdirSync(SOURCES)
    .map((folder) => join(SOURCES, folder, "section.ts"))
    .flatMap((file) => {
      try {
        return /path: "\/(\S+)"/.exec(readFileSync(file, "utf8"))?.[1] ?? [];
      } catch {
        return [];
      }
    });
}
