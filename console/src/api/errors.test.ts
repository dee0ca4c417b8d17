import { describe, expect, it } from "vitest";
import { ApiError, detailsOf, errorsUnder, fieldErrors, otherErrors } from "./errors";

const fault = ApiError.of(422, {
  error: {
    code: "invalid",
    message: "3 fields are wrong.",
    fields: [
      { path: "name", message: "A name is needed.", received: "" },
      { path: "spec.source.uri", message: "No such file.", received: "/x" },
      { path: "spec.source.uri", message: "Give an absolute path.", received: "/x" },
    ],
  },
});

describe("field errors", () => {
  it("are found by path, several on one field together", () => {
    expect(fieldErrors(fault)).toEqual({
      name: "A name is needed.",
      "spec.source.uri": "No such file. Give an absolute path.",
    });
  });

  it("are told one by one where no field can show them", () => {
    expect(detailsOf(fault)).toBe("A name is needed. No such file. Give an absolute path.");
    expect(detailsOf(new Error("anything"))).toBe("anything");
  });

  it("are found beneath a path, and not beside it", () => {
    const errors = { "spec.a": "1", "spec.a.b": "2", "spec.a[0]": "3", "spec.ab": "4" };
    expect(errorsUnder(errors, "spec.a")).toEqual(["1", "2", "3"]);
    expect(otherErrors(errors, ["spec.a"])).toEqual(["4"]);
  });

  it("say so where an answer is in no known form", () => {
    expect(ApiError.of(502, "<html>").message).toContain("502");
    expect(ApiError.of(403, "<html>").message).toContain("An admin can let you in");
    expect(fieldErrors(new Error("anything"))).toEqual({});
  });
});
