import { describe, expect, it } from "vitest";
import { ago, bytes, count, day, duration, number, percent, plural } from "./format";

describe("format", () => {
  it("groups whole numbers and says so where there is none", () => {
    expect(count(1469307)).toBe("1,469,307");
    expect(count(null)).toBe("–");
    expect(plural(1, "column")).toBe("1 column");
    expect(plural(2, "category", "categories")).toBe("2 categories");
  });

  it("keeps the digits that mean something", () => {
    expect(number(0)).toBe("0");
    expect(number(0.01234567)).toBe("0.0123");
    expect(number(48523.4)).toBe("48,523");
    expect(number(2.5e-7)).toBe("2.50e-7");
    expect(number(Number.NaN)).toBe("–");
    expect(percent(0.4731)).toBe("47.3%");
  });

  it("says how much is read", () => {
    expect(bytes(12 * 2 ** 20)).toBe("12.0 MiB");
    expect(bytes(1000 * 2 ** 20)).toBe("1.0 GiB");
    expect(bytes(1.25 * 2 ** 40)).toBe("1280.0 GiB");
  });

  it("says how long and how long ago", () => {
    expect(duration(3.24)).toBe("3.2 s");
    expect(duration(59.7)).toBe("1 min 00 s");
    expect(duration(7800)).toBe("2 h 10 min");
    const now = Date.parse("2026-11-24T12:00:00Z");
    expect(ago("2026-11-24T11:59:40Z", now)).toBe("just now");
    expect(ago("2026-11-24T10:00:00Z", now)).toBe("2 hours ago");
    expect(ago("2026-11-23T11:00:00Z", now)).toBe("1 day ago");
    expect(ago("never", now)).toBe("–");
    expect(day(0)).toBe("1 Jan 1970");
  });
});
