import { describe, expect, it } from "vitest";
import type { Column, FeatureConfigSpec } from "@/api/schema";
import {
  addFeature,
  blank,
  crossable,
  defaultFeature,
  embedding,
  featureLines,
  featureParts,
  inBothTowers,
  moveFeature,
  numeric,
  recommendedHashSize,
  removeFeature,
  replaceFeature,
  timestamp,
  towerParts,
  transferFeature,
  valuesOf,
  width,
} from "./spec";

const column = (name: string, type: Column["type"], unique = 28, skewness = 0): Column => ({
  name,
  type,
  statistics: {
    unique_count: unique,
    null_count: 0,
    skewness,
    min: 0,
    samples: [],
    histogram: [],
    top_values: [],
  },
});

const city = embedding({ name: "city" }, undefined);
const customer = embedding({ name: "customer" }, undefined);
const price = numeric(column("price", "FLOAT", 900));
const cross = { features: ["customer", "city"], hash_bucket_size: 5000, embedding_dim: 16 };

function shop(): FeatureConfigSpec {
  return {
    ...blank("ds-1"),
    buyer_model_features: [customer, city, timestamp({ name: "bought" })],
    product_model_features: [price],
    buyer_model_crosses: [cross],
  };
}

describe("widths", () => {
  it("are those of the seeds' drawing", () => {
    const spec = shop();
    expect(towerParts(spec, "buyer")).toEqual([
      { name: "customer", dim: 32 },
      { name: "city", dim: 32 },
      { name: "bought_cyclical", dim: 6 },
      { name: "customer × city", dim: 16 },
    ]);
    expect(width(towerParts(spec, "buyer"))).toBe(86);
    expect(featureParts(price)).toEqual([
      { name: "price_norm", dim: 1 },
      { name: "price_bucket", dim: 16 },
    ]);
  });

  it("leave out what is switched off", () => {
    const off = {
      ...price,
      transforms: {
        ...price.transforms,
        normalize: { ...price.transforms.normalize, enabled: false },
        bucketize: { ...price.transforms.bucketize, enabled: false },
      },
    };
    expect(featureParts(off)).toEqual([]);
    expect(featureLines(off)).toEqual(["Adds nothing yet"]);
  });
});

describe("a column that is put into a tower", () => {
  it("becomes what its type and role ask for", () => {
    expect(defaultFeature(column("city", "STRING"), undefined, undefined).type).toBe(
      "string_embedding",
    );
    expect(defaultFeature(column("id", "INTEGER"), "product_id", undefined).type).toBe(
      "string_embedding",
    );
    expect(defaultFeature(column("age", "INTEGER"), "customer_age", undefined).type).toBe(
      "numeric",
    );
    expect(defaultFeature(column("at", "TIMESTAMP"), undefined, undefined).type).toBe("timestamp");
  });

  it("is embedded as recommended", () => {
    const made = defaultFeature(column("city", "STRING"), undefined, {
      column: "city",
      type: "STRING",
      role: null,
      unique_count: 28,
      embedding_dim: 8,
      vocab_settings: { max_size: 56, oov_buckets: 10, min_frequency: 5 },
    });
    expect(made).toMatchObject({ embedding_dim: 8, vocab_settings: { max_size: 56 } });
  });

  it("has no more buckets than values, and a logarithm only where it is skewed", () => {
    expect(numeric(column("n", "INTEGER", 4)).transforms.bucketize.buckets).toBe(4);
    expect(numeric(column("n", "INTEGER", 1)).transforms.bucketize.buckets).toBe(2);
    expect(numeric(column("n", "FLOAT", 900, 3)).transforms.log_transform).toBe(true);
    expect(price.transforms.log_transform).toBe(false);
  });
});

describe("edits", () => {
  it("put a column into a tower once", () => {
    const spec = addFeature(shop(), "buyer", city);
    expect(spec.buyer_model_features.filter(({ column }) => column === "city")).toHaveLength(1);
  });

  it("take crosses away with their parts", () => {
    expect(removeFeature(shop(), "buyer", "city").buyer_model_crosses).toEqual([]);
    expect(removeFeature(shop(), "buyer", "bought").buyer_model_crosses).toEqual([cross]);
    expect(transferFeature(shop(), "buyer", "city").buyer_model_crosses).toEqual([]);
  });

  it("take a cross away when its number is no longer bucketised", () => {
    const parts = { features: ["price_bucket", "kind"], hash_bucket_size: 100, embedding_dim: 4 };
    const spec = {
      ...blank("ds-1"),
      product_model_features: [price, embedding({ name: "kind" }, undefined)],
      product_model_crosses: [parts],
    };
    const plain = {
      ...price,
      transforms: {
        ...price.transforms,
        bucketize: { ...price.transforms.bucketize, enabled: false },
      },
    };
    expect(replaceFeature(spec, "product", price).product_model_crosses).toEqual([parts]);
    expect(replaceFeature(spec, "product", plain).product_model_crosses).toEqual([]);
  });

  it("move within a tower and into the other", () => {
    const names = (spec: FeatureConfigSpec) => spec.buyer_model_features.map((f) => f.column);
    expect(names(moveFeature(shop(), "buyer", 2, 0))).toEqual(["bought", "customer", "city"]);
    const moved = transferFeature(shop(), "product", "price");
    expect(names(moved)).toContain("price");
    expect(moved.product_model_features).toEqual([]);
    const both = addFeature(shop(), "product", city);
    expect(inBothTowers(both)).toEqual(new Set(["city"]));
    expect(transferFeature(both, "buyer", "city")).toBe(both);
  });
});

describe("crosses", () => {
  it("are made of embedded columns and of buckets", () => {
    expect(crossable([customer, price, timestamp({ name: "at" })])).toEqual([
      "customer",
      "price_bucket",
    ]);
  });

  it("get twice as many buckets as combinations, if there are so many", () => {
    expect(valuesOf("city", [city], [column("city", "STRING", 28)])).toBe(28);
    expect(valuesOf("price_bucket", [price], [])).toBe(100);
    expect(recommendedHashSize([12, 20])).toBe(500);
    expect(recommendedHashSize([125_000, 28])).toBe(100_000);
    expect(recommendedHashSize([null, 2])).toBe(100_000);
  });
});
