import { expect, test } from "vitest";
import { numbersOf } from "./numbers";

test("numbers are read with commas, blanks or both between them", () => {
  expect(numbersOf("5, 20 ,90", 1, 8)).toEqual({ numbers: [5, 20, 90] });
  expect(numbersOf("0.5 7", 1)).toEqual({ numbers: [0.5, 7] });
  expect(numbersOf("", 0)).toEqual({ numbers: [] });
});

test("what is no number, and too few or many of them, is said", () => {
  expect(numbersOf("5, many", 1)).toEqual({ numbers: null, error: "“many” is not a number." });
  expect(numbersOf(" ", 1)).toEqual({ numbers: null, error: "At least 1 number." });
  expect(numbersOf("1 2 3", 1, 2)).toEqual({ numbers: null, error: "At most 2 numbers." });
});
