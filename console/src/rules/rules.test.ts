import { expect, test } from "vitest";
import {
  atRows,
  begun,
  compared,
  complete,
  isComplete,
  NO_RULES,
  patient,
  typedValues,
} from "./rules";

test("a filter begins with nothing set, and keeps the column when its kind changes", () => {
  const first = begun("in");
  expect(first).toEqual({ type: "in", column: "", values: [] });
  expect(isComplete(first)).toBe(false);
  const filled = { ...first, column: "brand", values: ["Acme"] } as typeof first;
  expect(isComplete(filled)).toBe(true);
  expect(begun("not_in", filled)).toEqual({ ...filled, type: "not_in" });
  expect(begun("range", filled)).toEqual({ type: "range", column: "brand", min: null, max: null });
});

test("a range needs one of its bounds", () => {
  const range = begun("range", { type: "range", column: "price" });
  expect(isComplete(range)).toBe(false);
  expect(isComplete({ ...range, max: 20 } as typeof range)).toBe(true);
});

test("what is not complete is left out, and not complained of yet", () => {
  const rules = {
    filters: [begun("only"), { type: "not_bought_within" as const, days: 30 }],
    caps: [{ column: "", at_most: 2 }],
    pins: [{ product_id: "p1", place: 1 }],
  };
  expect(complete(rules)).toEqual({ filters: [rules.filters[1]], caps: [], pins: rules.pins });
  const errors = {
    "spec.rules.filters[0].product_ids": "Name one.",
    "spec.rules.filters[1].days": "Too many.",
    "spec.rules.caps[0].column": "Choose one.",
  };
  expect(patient(errors, rules)).toEqual({ "spec.rules.filters[1].days": "Too many." });
  expect(patient({ "spec.rules": "Has none." }, NO_RULES)).toEqual({});
});

test("what is said of the complete rules stands at their rows", () => {
  const rules = {
    filters: [begun("only"), { type: "not_bought_within" as const, days: 30 }],
    caps: [],
    pins: [
      { product_id: "", place: 1 },
      { product_id: "p", place: 2 },
    ],
  };
  const errors = { "rules.filters[0].days": "No.", "rules.pins[0].place": "Nor this.", k: "Many." };
  expect(atRows(errors, rules)).toEqual({
    "rules.filters[1].days": "No.",
    "rules.pins[1].place": "Nor this.",
    k: "Many.",
  });
});

test("values of a column of numbers are numbers", () => {
  expect(typedValues(["1", "x", "2.5"], true)).toEqual([1, "x", 2.5]);
  expect(typedValues(["1"], false)).toEqual(["1"]);
});

test("two lists are held against each other", () => {
  const item = (product_id: string, pinned = false) => ({ product_id, name: null, pinned });
  const { without, under } = compared(
    [item("a"), item("b"), item("c")],
    [item("a"), item("x", true), item("c"), item("d")],
  );
  expect(without.map(({ mark }) => mark)).toEqual(["kept", "left out", "kept"]);
  expect(under.map(({ mark }) => mark)).toEqual(["kept", "pinned", "kept", "added"]);
  const [, second] = compared([item("a"), item("b")], [item("b"), item("a")]).under;
  expect(second).toMatchObject({ mark: "moved", other: 1 });
});
