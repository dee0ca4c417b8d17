import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test } from "vitest";
import type { PastPurchase } from "@/api/schema";
import { daysAgo, PastPurchases } from "./PastPurchases";

test("how long ago it was is told in whole days", () => {
  expect([0, 0.9, 1.2, 12.7, 1200].map(daysAgo)).toEqual([
    "today",
    "today",
    "1 day ago",
    "12 days ago",
    "1,200 days ago",
  ]);
});

test("purchases are given, by id or by a known name, and taken away again", async () => {
  let given: PastPurchase[] | null = null;
  function Form() {
    const [value, setValue] = useState<PastPurchase[] | null>(null);
    given = value;
    return (
      <MantineProvider>
        <PastPurchases value={value} onChange={setValue} products={new Map([["p1", "Soap"]])} />
      </MantineProvider>
    );
  }
  render(<Form />);
  const user = userEvent.setup();
  await user.click(screen.getByRole("switch", { name: /^Other purchases/ }));
  expect(given).toEqual([]);
  const product = screen.getByRole("combobox", { name: "Product" });
  await user.type(product, "Soap (p1)");
  await user.clear(screen.getByLabelText("Days ago"));
  await user.type(screen.getByLabelText("Days ago"), "3");
  await user.click(screen.getByRole("button", { name: "Add" }));
  await user.type(product, "other");
  await user.click(screen.getByRole("button", { name: "Add" }));
  expect(given).toEqual([
    { product_id: "p1", days_ago: 3 },
    { product_id: "other", days_ago: 3 },
  ]);
  await user.click(screen.getByRole("button", { name: "Remove Soap" }));
  expect(given).toEqual([{ product_id: "other", days_ago: 3 }]);
  await user.click(screen.getByRole("switch", { name: /^Other purchases/ }));
  expect(given).toBeNull();
});
