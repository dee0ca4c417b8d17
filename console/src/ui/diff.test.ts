import { describe, expect, it } from "vitest";
import { differences, same } from "./diff";

const feature = (column: string, embedding_dim: number) => ({
  column,
  type: "string_embedding",
  embedding_dim,
});

describe("differences", () => {
  it("names the field of a feature, wherever the feature stands", () => {
    const before = { features: [feature("customer", 64), feature("city", 16)] };
    const after = { features: [feature("city", 16), feature("customer", 96)] };
    expect(differences(before, after)).toEqual([
      { path: ["features", "customer", "embedding_dim"], kind: "changed", before: 64, after: 96 },
      {
        path: ["features"],
        kind: "moved",
        before: ["customer", "city"],
        after: ["city", "customer"],
      },
    ]);
  });

  it("tells additions and removals from changes", () => {
    const before = { features: [feature("a", 8)], crosses: [{ features: ["a", "b"] }] };
    const after = { features: [feature("a", 8), feature("b", 8)], crosses: [] };
    expect(differences(before, after).map(({ path, kind }) => [path.join("."), kind])).toEqual([
      ["features.b", "added"],
      ["crosses.a × b", "removed"],
    ]);
  });

  it("compares lists without names place by place", () => {
    const before = {
      layers: [
        { type: "dense", units: 64 },
        { type: "dropout", rate: 0.1 },
      ],
    };
    const after = {
      layers: [
        { type: "dense", units: 32 },
        { type: "dropout", rate: 0.1 },
      ],
    };
    expect(differences(before, after)).toEqual([
      { path: ["layers", "1", "units"], kind: "changed", before: 64, after: 32 },
    ]);
  });

  it("finds none where only the order of fields or a missing null differs", () => {
    expect(same({ a: 1, b: null }, { b: undefined, a: 1 })).toBe(true);
    expect(differences({ a: [1, 2] }, { a: [1, 2] })).toEqual([]);
    expect(same([1], [1, 2])).toBe(false);
  });
});
