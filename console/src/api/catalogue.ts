import { answer, api } from "./client";
import { isLost, onConnection } from "./connection";
import type { Catalogue, SettingInfo, TunableInfo } from "./schema";

const NOTHING: Catalogue = {
  features: [],
  transforms: [],
  crosses: [],
  layers: [],
  tasks: [],
  losses: [],
  optimizers: [],
  metrics: [],
  baselines: [],
  warnings: [],
  documents: [],
  roles: [],
  attributes: [],
  remedies: [],
  tunables: [],
  filters: [],
};

let known = NOTHING;
let asked: Promise<void> | null = null;
let watching = false;

/**
 * Everything that there is to choose from and to set, in words, with bounds and defaults; empty until
 * it has been loaded.
 */
export function catalogue(): Catalogue {
  return known;
}

/**
 * Asks once, for it changes with the system's version only; pages wait for the answer. Where there
 * is none, it is asked for again when the connection is back.
 */
export function loadCatalogue(): Promise<void> {
  if (!watching) {
    watching = true;
    onConnection(() => {
      if (!isLost()) void loadCatalogue();
    });
  }
  asked ??= answer(api.GET("/api/catalogue/")).then(setCatalogue, () => {
    asked = null; // pages say themselves that there is no answer
  });
  return asked;
}

export function setCatalogue(found: Catalogue): void {
  known = found;
}

type Kinds = "features" | "transforms" | "crosses" | "layers";
type Named = Kinds | "tasks" | "losses" | "optimizers" | "roles";
export type SettableDocument =
  | "model_config"
  | "quick_test"
  | "full_training"
  | "sweep"
  | "tuning"
  | "schedule";

/** What a kind is called; one that the server does not know goes by its name. */
export function labelOf(kinds: Named, name: string): string {
  return known[kinds].find((kind) => kind.name === name)?.label ?? name.replace(/_/g, " ");
}

/** What a tuning may search, by its name. */
export function tunableOf(name: string): TunableInfo | undefined {
  return known.tunables.find((tunable) => tunable.name === name);
}

/** The settings of a kind. */
export function settingsOf(kinds: Kinds, kind: string): SettingInfo[] {
  return known[kinds].find(({ name }) => name === kind)?.settings ?? [];
}

/** A setting of a kind. */
export function kindSetting(kinds: Kinds, kind: string, name: string): SettingInfo {
  return named(settingsOf(kinds, kind), name);
}

/** A setting of a document's spec: `split.strategy` where settings lie in each other. */
export function settingOf(document: SettableDocument, name: string): SettingInfo {
  return named(settingsOfDocument(document), name);
}

function settingsOfDocument(document: SettableDocument): SettingInfo[] {
  return known.documents.find((one) => one.name === document)?.settings ?? [];
}

function named(settings: SettingInfo[], name: string): SettingInfo {
  const found = settings.find((setting) => setting.name === name);
  if (found) return found;
  const label = name.replace(/[_.]/g, " ");
  return {
    ...{ name, label, type: "number", help: "", words: "" },
    ...{ options: [], usual: [], required: false },
  };
}

/** A document's spec with nothing but its defaults. */
export function defaultsOf(document: SettableDocument): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  const leftOut: string[] = [];
  for (const { name, type, required, default: value } of settingsOfDocument(document)) {
    if (required || leftOut.some((part) => name.startsWith(`${part}.`))) continue;
    if (type === "object" && value == null) leftOut.push(name);
    const path = name.split(".");
    const last = path.pop() ?? name;
    let at = made;
    for (const part of path) {
      at[part] ??= {};
      at = at[part] as Record<string, unknown>;
    }
    at[last] = structuredClone(value ?? null);
  }
  return made;
}

/** The settings of a part of a document that may be left out. */
export function partSettings(document: SettableDocument, part: string): SettingInfo[] {
  return settingsOfDocument(document).filter(({ name }) => name.startsWith(`${part}.`));
}

/** The part with nothing but its defaults. */
export function partDefaults(document: SettableDocument, part: string): Record<string, unknown> {
  return Object.fromEntries(
    partSettings(document, part).map(({ name, default: value }) => [
      name.slice(part.length + 1),
      structuredClone(value ?? null),
    ]),
  );
}

/** The kind of feature that reads past purchases. */
export function pastKind() {
  return known.features.find(({ of_past }) => of_past);
}

export interface Bounds {
  min?: number;
  max?: number;
  /** A bound that may not be reached. */
  above?: number;
  step?: number;
  integer: boolean;
}

/** The bounds of a number, for its field. */
export function boundsOf({ minimum, maximum, above, step, type }: SettingInfo): Bounds {
  return {
    min: minimum ?? undefined,
    max: maximum ?? undefined,
    above: above ?? undefined,
    step: step ?? undefined,
    integer: type === "integer",
  };
}

/** The same for a field that keeps its number within its bounds by itself. */
export function limitsOf(setting: SettingInfo) {
  const { min, max, above, step, integer } = boundsOf(setting);
  return { min: min ?? above, max, step, allowDecimal: !integer };
}

/** Whether all numbers that are set on a kind are there and within their bounds. */
export function inBounds(kinds: Kinds, kind: string, value: (name: string) => unknown): boolean {
  return settingsOf(kinds, kind).every(({ name, type, minimum, maximum }) => {
    if (type !== "integer" && type !== "number") return true;
    const set = value(name);
    if (typeof set !== "number") return false;
    return set >= (minimum ?? set) && set <= (maximum ?? set);
  });
}
