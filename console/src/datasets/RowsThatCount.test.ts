import { describe, expect, it } from "vitest";
import { said, withKind } from "./RowsThatCount";

describe("a kind of events", () => {
  const events = {
    column: "type",
    kinds: { buy: "target", view: "left_out" },
    weights: {},
  } as const;

  it("has a weight where a history reads it and it is not 1", () => {
    const read = withKind(events, "view", "history", 0.2);
    expect(read.kinds).toEqual({ buy: "target", view: "history" });
    expect(read.weights).toEqual({ view: 0.2 });
    expect(withKind(read, "view", "history", 1).weights).toEqual({});
    expect(withKind(read, "view", "left_out", 0.2).weights).toEqual({});
  });
});

describe("a condition", () => {
  it("has a value of its column's type", () => {
    expect(said("price", ">", " 1.5 ", "FLOAT").value).toBe(1.5);
    expect(said("sku", "==", "007", "STRING").value).toBe("007");
    expect(said("offered", "==", "True", "BOOLEAN").value).toBe(true);
    expect(said("at", "<", "2024-01-31", "TIMESTAMP").value).toBe("2024-01-31");
  });

  it("has several values, or none, where its comparison takes them so", () => {
    expect(said("shop", "in", "1, 2", "INTEGER")).toEqual({
      column: "shop",
      op: "in",
      values: [1, 2],
    });
    expect(said("shop", "missing", "1", "INTEGER")).toEqual({
      column: "shop",
      op: "missing",
      values: [],
    });
  });

  it("keeps what is no number, for the server to say so", () => {
    expect(said("price", ">", "cheap", "FLOAT").value).toBe("cheap");
  });
});
