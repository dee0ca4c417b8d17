/** What a column may mean. `customer_…` and `product_…` name further attributes of the two sides. */
export const ROLES = [
  { role: "customer_id", label: "Customer", hint: "who bought; needed once" },
  { role: "product_id", label: "Product", hint: "what was bought; needed once" },
  { role: "transaction_date", label: "Time of purchase", hint: "lets tests predict the future" },
  { role: "revenue", label: "Revenue", hint: "known only after the purchase" },
  { role: "quantity", label: "Quantity", hint: "known only after the purchase" },
  { role: "product_name", label: "Product's name", hint: "shown with recommendations" },
  { role: "category", label: "Category", hint: "an attribute of products" },
  { role: "subcategory", label: "Subcategory", hint: "an attribute of products" },
] as const;

export const REQUIRED_ROLES = ["customer_id", "product_id"] as const;

const LABELS: ReadonlyMap<string, string> = new Map(ROLES.map(({ role, label }) => [role, label]));

/** `customer_city` → `Customer's city` */
export function roleLabel(role: string): string {
  const known = LABELS.get(role);
  if (known) return known;
  const [side, ...rest] = role.split("_");
  const attribute = rest.join(" ");
  if (side === "customer" && attribute) return `Customer's ${attribute}`;
  if (side === "product" && attribute) return `Product's ${attribute}`;
  return role.replace(/_/g, " ");
}

/** What side of a purchase a role describes, for its colour. */
export function roleSide(role: string | undefined): "buyer" | "product" | null {
  if (!role) return null;
  if (role.startsWith("customer_")) return "buyer";
  if (role.startsWith("product_") || role === "category" || role === "subcategory") {
    return "product";
  }
  return null;
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
