import { catalogue } from "@/api/catalogue";
import type { RoleInfo } from "@/api/schema";

/** The roles that have a meaning of their own; `customer_…` and `product_…` name further attributes. */
export function usualRoles(): RoleInfo[] {
  return catalogue().roles;
}

/** The roles that a dataset needs and that no column has. */
export function missingRoles(mapping: Record<string, string>): string[] {
  const given = Object.values(mapping);
  const needed = usualRoles().filter(({ name, required }) => required && !given.includes(name));
  return needed.map(({ name }) => name);
}

/** `customer_city` → `Customer city` */
export function roleLabel(role: string): string {
  const known = usualRoles().find(({ name }) => name === role);
  const words = role.replace(/_/g, " ");
  return known?.label ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/** What side of a purchase a role describes, for its colour. */
export function roleSide(role: string | undefined): "buyer" | "product" | null {
  if (!role) return null;
  const known = usualRoles().find(({ name }) => name === role);
  if (known) return known.tower ?? null;
  return catalogue().attributes.find(({ name }) => role.startsWith(name))?.tower ?? null;
}

/** `Favourite colour` of a customer → `customer_favourite_colour`: a role as the API takes it. */
export function attributeRole(side: "customer" | "product", column: string): string {
  const plain = column
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
  const bare = plain.replace(new RegExp(`^${side}_`), "") || "attribute";
  return `${side}_${bare}`.slice(0, 63);
}
