/** Editing a feature config: plain functions from one spec to the next. */
import type { Cross, FeatureConfigSpec, Problem } from "@/api/schema";

export type Feature = FeatureConfigSpec["buyer_model_features"][number];
export type Tower = "buyer" | "product";
export const TOWERS: readonly Tower[] = ["buyer", "product"];

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

export function crossName(cross: Cross): string {
  return cross.features.join(" × ");
}

/** How wide the product tower's table of a column is; null where it embeds no such column. */
function sharedWidth(spec: FeatureConfigSpec, column: string): number | null {
  const feature = spec.product_model_features.find((found) => found.column === column);
  return feature?.type === "string_embedding" ? feature.embedding_dim : null;
}

/** The columns that a history may be of: those that the product tower embeds and the buyer tower
 * does not have yet. */
export function historyColumns(spec: FeatureConfigSpec): string[] {
  return spec.product_model_features
    .map(({ column }) => column)
    .filter(
      (column) =>
        sharedWidth(spec, column) !== null &&
        !spec.buyer_model_features.some((feature) => feature.column === column),
    );
}

/** With histories as wide as the tables that they share, where they have none of their own. */
export function withSharedWidths(spec: FeatureConfigSpec): FeatureConfigSpec {
  const features = spec.buyer_model_features.map((feature) => {
    if (feature.type !== "history" || feature.own_table) return feature;
    const width = sharedWidth(spec, feature.column);
    return width === null || width === feature.embedding_dim
      ? feature
      : { ...feature, embedding_dim: width };
  });
  const changed = features.some((feature, place) => feature !== spec.buyer_model_features[place]);
  return changed ? { ...spec, buyer_model_features: features } : spec;
}

/** The columns of which the server says that they are in both towers. */
export function inBothTowers(problems: Problem[]): ReadonlySet<string> {
  const found = problems.filter(({ code }) => code === "column_in_both_towers");
  return new Set(found.map(({ received }) => String(received)));
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

/** With a feature's new settings. `lost`: what crosses called it, where they no longer can. */
export function replaceFeature(
  spec: FeatureConfigSpec,
  tower: Tower,
  feature: Feature,
  lost: string | null,
): FeatureConfigSpec {
  const field = featuresField(tower);
  const features = spec[field].map((old) => (old.column === feature.column ? feature : old));
  return withoutCrosses({ ...spec, [field]: features }, tower, lost);
}

/** Without the feature, and without the crosses that it is part of, where they call it `lost`. */
export function removeFeature(
  spec: FeatureConfigSpec,
  tower: Tower,
  column: string,
  lost: string | null,
): FeatureConfigSpec {
  const field = featuresField(tower);
  const features = spec[field].filter((feature) => feature.column !== column);
  return withoutCrosses({ ...spec, [field]: features }, tower, lost);
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
  lost: string | null,
): FeatureConfigSpec {
  const feature = spec[featuresField(from)].find((found) => found.column === column);
  const to = otherTower(from);
  if (!feature || spec[featuresField(to)].some((found) => found.column === column)) return spec;
  return addFeature(removeFeature(spec, from, column, lost), to, feature);
}

function withoutCrosses(
  spec: FeatureConfigSpec,
  tower: Tower,
  part: string | null,
): FeatureConfigSpec {
  const field = crossesField(tower);
  const crosses = spec[field].filter(({ features }) => part === null || !features.includes(part));
  return crosses.length === spec[field].length ? spec : { ...spec, [field]: crosses };
}
