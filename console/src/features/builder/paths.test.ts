import { expect, test } from "vitest";
import { getAt, withAt } from "./paths";

test("a value within is read, and changed in a copy", () => {
  const feature = { column: "price", transforms: { bucketize: { enabled: true, buckets: 100 } } };
  expect(getAt(feature, "transforms.bucketize.buckets")).toBe(100);
  expect(getAt(feature, "transforms.missing.buckets")).toBeUndefined();
  const changed = withAt(feature, "transforms.bucketize.buckets", 50);
  expect(changed.transforms.bucketize).toEqual({ enabled: true, buckets: 50 });
  expect(feature.transforms.bucketize.buckets).toBe(100);
});
