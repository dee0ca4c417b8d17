import { expect, test } from "vitest";
import type { RegisteredModel, RegisteredVersion } from "@/api/schema";
import { aliasOf, measured } from "./words";

const version = (number: number): RegisteredVersion =>
  ({ version: number, metric: "recall_at_100", value: 0.25, interval: null }) as RegisteredVersion;

test("a version is called by what it is for", () => {
  const status = {
    aliases: { production: version(3), previous: version(1) },
  } as RegisteredModel["status"];
  expect([1, 2, 3].map((number) => aliasOf(status, number)?.label)).toEqual([
    "Previous",
    undefined,
    "Production",
  ]);
});

test("a measured value has its interval where there is one", () => {
  expect(measured(version(1))).toBe("25.0%");
  expect(measured({ ...version(1), interval: { low: 0.24, high: 0.262 } })).toBe(
    "25.0% (24.0% – 26.2%)",
  );
});
