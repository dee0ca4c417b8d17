import { describe, expect, it } from "vitest";
import { attributeRole, missingRoles, roleLabel, roleSide } from "./roles";

describe("roles", () => {
  it("are said in plain words", () => {
    expect(roleLabel("customer_id")).toBe("Customer");
    expect(roleLabel("customer_home_town")).toBe("Customer home town");
    expect(roleLabel("product_brand")).toBe("Product brand");
  });

  it("belong to a side, or to the purchase itself", () => {
    expect(roleSide("customer_city")).toBe("buyer");
    expect(roleSide("subcategory")).toBe("product");
    expect(roleSide("revenue")).toBeNull();
    expect(roleSide(undefined)).toBeNull();
  });

  it("are missing where a dataset needs them", () => {
    expect(missingRoles({ who: "customer_id" })).toEqual(["product_id"]);
  });

  it("are made of any column's name, in the form that the API takes", () => {
    const pattern = /^[a-z][a-z0-9_]{0,62}$/;
    for (const column of [
      "Favourite Colour",
      "customer_city",
      "Größe (cm)",
      "???",
      "x".repeat(99),
    ]) {
      expect(attributeRole("customer", column)).toMatch(pattern);
    }
    expect(attributeRole("product", "packageSize")).toBe("product_package_size");
    expect(attributeRole("customer", "customer_city")).toBe("customer_city");
  });
});
