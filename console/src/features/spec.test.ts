import { describe, expect, it } from "vitest";
import type { FeatureConfigSpec, Problem } from "@/api/schema";
import {
  addFeature,
  blank,
  type Feature,
  historyColumns,
  inBothTowers,
  moveFeature,
  removeFeature,
  replaceFeature,
  transferFeature,
  withSharedWidths,
} from "./spec";

const embedding = (column: string): Feature => ({
  column,
  type: "string_embedding",
  embedding_dim: 32,
  vocab_settings: { max_size: 100, oov_buckets: 10, min_frequency: 5 },
  id_dropout: 0,
});
const [customer, city, price] = [embedding("customer"), embedding("city"), embedding("price")];
const cross = { features: ["customer", "city"], hash_bucket_size: 5000, embedding_dim: 16 };

function shop(): FeatureConfigSpec {
  return {
    ...blank("ds-1"),
    buyer_model_features: [customer, city, embedding("age")],
    product_model_features: [price],
    buyer_model_crosses: [cross],
  };
}

describe("histories", () => {
  const history = (column: string): Feature => ({
    ...{ column, type: "history", length: 50, half_lives: [5, 20], embedding_dim: 32 },
    own_table: false,
  });
  const number: Feature = { column: "weight", type: "numeric" } as Feature;

  it("are of columns that the product tower embeds, once", () => {
    const spec = { ...shop(), product_model_features: [price, number, city] };
    expect(historyColumns(spec)).toEqual(["price"]);
    expect(historyColumns(addFeature(spec, "buyer", history("price")))).toEqual([]);
  });

  it("are as wide as the table that they share, whatever is changed", () => {
    const spec = addFeature(shop(), "buyer", history("price"));
    const wider = replaceFeature(spec, "product", { ...price, embedding_dim: 64 } as Feature, null);
    expect(withSharedWidths(wider).buyer_model_features.at(-1)).toMatchObject({
      type: "history",
      embedding_dim: 64,
    });
    expect(withSharedWidths(spec)).toBe(spec);
    const alone = removeFeature(spec, "product", "price", null);
    expect(withSharedWidths(alone)).toBe(alone); // the server says what is wrong
    const own = { ...history("price"), own_table: true } as Feature;
    const apart = replaceFeature(
      addFeature(shop(), "buyer", own),
      "product",
      { ...price, embedding_dim: 64 } as Feature,
      null,
    );
    expect(withSharedWidths(apart)).toBe(apart);
  });
});

describe("edits", () => {
  it("put a column into a tower once", () => {
    const spec = addFeature(shop(), "buyer", city);
    expect(spec.buyer_model_features.filter(({ column }) => column === "city")).toHaveLength(1);
  });

  it("take crosses away with their parts", () => {
    expect(removeFeature(shop(), "buyer", "city", "city").buyer_model_crosses).toEqual([]);
    expect(removeFeature(shop(), "buyer", "age", null).buyer_model_crosses).toEqual([cross]);
    expect(transferFeature(shop(), "buyer", "city", "city").buyer_model_crosses).toEqual([]);
  });

  it("take a cross away when it can no longer use a feature", () => {
    const parts = { features: ["price_bucket", "kind"], hash_bucket_size: 100, embedding_dim: 4 };
    const spec = { ...shop(), product_model_crosses: [parts] };
    expect(replaceFeature(spec, "product", price, null).product_model_crosses).toEqual([parts]);
    expect(replaceFeature(spec, "product", price, "price_bucket").product_model_crosses).toEqual(
      [],
    );
  });

  it("move within a tower and into the other", () => {
    const names = (spec: FeatureConfigSpec) => spec.buyer_model_features.map((f) => f.column);
    expect(names(moveFeature(shop(), "buyer", 2, 0))).toEqual(["age", "customer", "city"]);
    const moved = transferFeature(shop(), "product", "price", "price");
    expect(names(moved)).toContain("price");
    expect(moved.product_model_features).toEqual([]);
    const both = addFeature(shop(), "product", city);
    expect(transferFeature(both, "buyer", "city", "city")).toBe(both);
  });
});

it("columns are in both towers where the server says so", () => {
  const problem = (code: string, received: string) => ({ code, received }) as unknown as Problem;
  const said = [problem("column_in_both_towers", "city"), problem("wide_embedding", "age")];
  expect(inBothTowers(said)).toEqual(new Set(["city"]));
});
