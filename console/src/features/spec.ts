/** What a feature config says, and what follows from it, without asking the server. */
import type {
  Column,
  Cross,
  EmbeddingRecommendation,
  FeatureConfigSpec,
  Numeric,
  StringEmbedding,
  TensorPart,
  Timestamp,
} from "@/api/schema";

export type Feature = StringEmbedding | Numeric | Timestamp;
export type Tower = "buyer" | "product";
export const TOWERS: readonly Tower[] = ["buyer", "product"];

export const CYCLES = [
  {
    key: "annual",
    label: "Annual",
    range: "quarter of the year, 1–4",
    why: "seasons: holidays, spring sales",
  },
  {
    key: "quarterly",
    label: "Quarterly",
    range: "month of the quarter, 1–3",
    why: "end-of-quarter habits",
  },
  {
    key: "monthly",
    label: "Monthly",
    range: "day of the month, 1–31",
    why: "paydays and billing dates",
  },
  { key: "weekly", label: "Weekly", range: "day of the week", why: "weekdays against weekends" },
  { key: "daily", label: "Daily", range: "hour of the day, 0–23", why: "morning, lunch, evening" },
] as const;

export const featuresField = (tower: Tower) => `${tower}_model_features` as const;
export const crossesField = (tower: Tower) => `${tower}_model_crosses` as const;
export const otherTower = (tower: Tower): Tower => (tower === "buyer" ? "product" : "buyer");

export function blank(dataset_id: string): FeatureConfigSpec {
  return {
    dataset_id,
    buyer_model_features: [],
    product_model_features: [],
    buyer_model_crosses: [],
    product_model_crosses: [],
  };
}

/** The parts of a feature's vector, named as the API names them, in the same order. */
export function featureParts(feature: Feature): TensorPart[] {
  const { column } = feature;
  if (feature.type === "string_embedding") return [{ name: column, dim: feature.embedding_dim }];
  const { normalize, bucketize } = feature.transforms;
  const parts = [
    { name: `${column}_norm`, dim: normalize.enabled ? 1 : 0 },
    { name: `${column}_bucket`, dim: bucketize.enabled ? bucketize.embedding_dim : 0 },
  ];
  if (feature.type === "timestamp") {
    const { cyclical } = feature.transforms;
    const cycles = CYCLES.filter(({ key }) => cyclical[key]).length;
    parts.push({ name: `${column}_cyclical`, dim: 2 * cycles });
  }
  return parts.filter(({ dim }) => dim > 0);
}

export function crossName(cross: Cross): string {
  return cross.features.join(" × ");
}

/** What a tower's input is made of. */
export function towerParts(spec: FeatureConfigSpec, tower: Tower): TensorPart[] {
  return [
    ...spec[featuresField(tower)].flatMap(featureParts),
    ...spec[crossesField(tower)].map((cross) => ({
      name: crossName(cross),
      dim: cross.embedding_dim,
    })),
  ];
}

export function width(parts: readonly TensorPart[]): number {
  return parts.reduce((sum, { dim }) => sum + dim, 0);
}

/** A feature's settings, a line for each thing that it becomes. */
export function featureLines(feature: Feature): string[] {
  if (feature.type === "string_embedding") return [`Embedding: ${feature.embedding_dim}D`];
  const { normalize, bucketize } = feature.transforms;
  const lines: string[] = [];
  if (feature.type === "numeric" && feature.transforms.log_transform) lines.push("Logarithm first");
  if (bucketize.enabled) {
    lines.push(`Buckets: ${bucketize.buckets} → ${bucketize.embedding_dim}D`);
  }
  if (normalize.enabled) lines.push(`Normalized to [${normalize.range.join(", ")}]: 1D`);
  if (feature.type === "timestamp") {
    const cycles = CYCLES.filter(({ key }) => feature.transforms.cyclical[key]);
    if (cycles.length) {
      const names = cycles.map(({ label }) => label.toLowerCase()).join(", ");
      lines.push(`Cyclical: ${names} (${2 * cycles.length}D)`);
    }
  }
  return lines.length ? lines : ["Adds nothing yet"];
}

const SKEWED = 2;
const ID_ROLES = ["customer_id", "product_id"];

/** What a column becomes when it is put into a tower: what smart defaults would make of it. */
export function defaultFeature(
  column: Column,
  role: string | undefined,
  recommendation: EmbeddingRecommendation | undefined,
): Feature {
  const embedded =
    column.type === "STRING" ||
    column.type === "BOOLEAN" ||
    (column.type === "INTEGER" && role !== undefined && ID_ROLES.includes(role));
  if (embedded) return embedding(column, recommendation);
  if (column.type === "TIMESTAMP") return timestamp(column);
  return numeric(column);
}

export function embedding(
  column: Pick<Column, "name">,
  recommendation: EmbeddingRecommendation | undefined,
): StringEmbedding {
  return {
    column: column.name,
    type: "string_embedding",
    embedding_dim: recommendation?.embedding_dim ?? 32,
    vocab_settings: recommendation?.vocab_settings ?? {
      max_size: 100_000,
      oov_buckets: 10,
      min_frequency: 5,
    },
  };
}

export function numeric(column: Column): Numeric {
  const found = column.statistics;
  const buckets = Math.min(100, Math.max(2, found?.unique_count ?? 100));
  return {
    column: column.name,
    type: "numeric",
    transforms: {
      normalize: { enabled: true, range: [-1, 1] },
      bucketize: { enabled: true, buckets, embedding_dim: buckets < 50 ? 8 : 16 },
      log_transform: (found?.skewness ?? 0) > SKEWED && (found?.min ?? 0) >= 0,
    },
  };
}

export function timestamp(column: Pick<Column, "name">): Timestamp {
  return {
    column: column.name,
    type: "timestamp",
    transforms: {
      normalize: { enabled: false, range: [-1, 1] },
      bucketize: { enabled: false, buckets: 100, embedding_dim: 32 },
      cyclical: { annual: false, quarterly: true, monthly: true, weekly: true, daily: false },
    },
  };
}

/** What can be part of a cross: embedded columns, and bucketised numbers and moments. */
export function crossable(features: readonly Feature[]): string[] {
  return features.flatMap((feature) => {
    if (feature.type === "string_embedding") return [feature.column];
    return feature.transforms.bucketize.enabled ? [`${feature.column}_bucket`] : [];
  });
}

// 1, 2 and 5 times powers of ten, as a person would choose them.
const SIZES = [100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000];
const LARGEST_SIZE = 100_000;

/** How many values a part of a cross has, where it is known. */
export function valuesOf(
  part: string,
  features: readonly Feature[],
  columns: readonly Column[],
): number | null {
  const feature = features.find(
    ({ column, type }) => part === (type === "string_embedding" ? column : `${column}_bucket`),
  );
  if (feature && feature.type !== "string_embedding") return feature.transforms.bucketize.buckets;
  const column = columns.find(({ name }) => name === part);
  return column?.statistics?.unique_count ?? null;
}

/** Twice as many buckets as there are combinations, as far as the largest table goes. */
export function recommendedHashSize(counts: readonly (number | null)[]): number {
  const combinations = counts.reduce<number>((all, values) => all * (values ?? LARGEST_SIZE), 1);
  return SIZES.find((size) => size >= 2 * combinations) ?? LARGEST_SIZE;
}

/** The columns that are in both towers: each could then read the answer off the other's input. */
export function inBothTowers(spec: FeatureConfigSpec): ReadonlySet<string> {
  const product = new Set(spec.product_model_features.map(({ column }) => column));
  return new Set(
    spec.buyer_model_features.map(({ column }) => column).filter((column) => product.has(column)),
  );
}

export function addFeature(
  spec: FeatureConfigSpec,
  tower: Tower,
  feature: Feature,
  place?: number,
): FeatureConfigSpec {
  const field = featuresField(tower);
  if (spec[field].some(({ column }) => column === feature.column)) return spec;
  const features = [...spec[field]];
  features.splice(place ?? features.length, 0, feature);
  return { ...spec, [field]: features };
}

export function replaceFeature(
  spec: FeatureConfigSpec,
  tower: Tower,
  feature: Feature,
): FeatureConfigSpec {
  const field = featuresField(tower);
  const features = spec[field].map((old) => (old.column === feature.column ? feature : old));
  return withoutBrokenCrosses({ ...spec, [field]: features }, tower);
}

/** Without the feature, and without the crosses that it was part of. */
export function removeFeature(
  spec: FeatureConfigSpec,
  tower: Tower,
  column: string,
): FeatureConfigSpec {
  const field = featuresField(tower);
  const features = spec[field].filter((feature) => feature.column !== column);
  return withoutBrokenCrosses({ ...spec, [field]: features }, tower);
}

export function moveFeature(
  spec: FeatureConfigSpec,
  tower: Tower,
  from: number,
  to: number,
): FeatureConfigSpec {
  const field = featuresField(tower);
  const features = [...spec[field]];
  const [moved] = features.splice(from, 1);
  if (!moved) return spec;
  features.splice(to, 0, moved);
  return { ...spec, [field]: features };
}

/** From one tower into the other; stays where it is if the other has it already. */
export function transferFeature(
  spec: FeatureConfigSpec,
  from: Tower,
  column: string,
): FeatureConfigSpec {
  const feature = spec[featuresField(from)].find((found) => found.column === column);
  const to = otherTower(from);
  if (!feature || spec[featuresField(to)].some((found) => found.column === column)) return spec;
  return addFeature(removeFeature(spec, from, column), to, feature);
}

function withoutBrokenCrosses(spec: FeatureConfigSpec, tower: Tower): FeatureConfigSpec {
  const parts = new Set(crossable(spec[featuresField(tower)]));
  const field = crossesField(tower);
  const crosses = spec[field].filter(({ features }) => features.every((part) => parts.has(part)));
  return crosses.length === spec[field].length ? spec : { ...spec, [field]: crosses };
}
