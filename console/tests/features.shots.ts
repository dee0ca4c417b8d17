import { shoot } from "./shots";
import { expect, test } from "./system";

test("features", async ({ page, system }) => {
  await page.goto("/features");
  await expect(page.getByRole("heading", { name: "Choose what the model" })).toBeVisible();
  await shoot(page, "features-empty");

  const dataset = await system.dataset("Corner shop");
  const first = await system.features("Smart defaults", dataset);
  const model = await system.model("Minimal", "minimal");
  const test = await system.quickTest(first, model);
  await system.endedTest(test.id);
  const { spec } = first;
  /** A history shares the products' table, and is as wide. */
  const sharing = (embedding_dim: number) =>
    spec.buyer_model_features.map((feature: { type: string }) =>
      feature.type === "history" ? { ...feature, embedding_dim } : feature,
    );
  const second = await system.call("POST", "/api/feature-configs/", {
    name: "City in both towers, wider products",
    description: "Does it help the product tower to know where something sells?",
    spec: {
      ...spec,
      buyer_model_features: sharing(64),
      product_model_features: [
        { ...spec.product_model_features[0], embedding_dim: 64 },
        ...spec.product_model_features.slice(1),
        { column: "city", type: "string_embedding", embedding_dim: 8 },
      ],
    },
  });
  await system.call("PUT", `/api/feature-configs/${second.id}/`, {
    name: second.name,
    description: "Does it help the product tower to know where something sells?",
    spec: {
      ...spec,
      buyer_model_features: sharing(128),
      product_model_features: [
        { ...spec.product_model_features[0], embedding_dim: 128 },
        ...spec.product_model_features.slice(1),
        { column: "city", type: "string_embedding", embedding_dim: 8 },
      ],
    },
  });
  await page.goto("/features");
  await expect(page.getByText("50.0%", { exact: true })).toBeVisible();
  await shoot(page, "features");

  await page.goto(`/features/${second.id}`);
  await expect(page.getByRole("button", { name: /^Version 1/ })).toBeVisible();
  await shoot(page, "feature");
  await page.getByRole("button", { name: /^Version 1/ }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await shoot(page, "feature-version", false);

  await page.goto(`/features/new?dataset=${dataset.id}`);
  await page.getByLabel("Config name").fill("With seasons");
  await shoot(page, "features-new-1");

  await page.goto(`/features/${second.id}/edit`);
  await expect(page.getByText("Also in Product")).toBeVisible();
  await page.waitForTimeout(900);
  await shoot(page, "features-builder");

  const dialog = page.getByRole("dialog");
  const settings = async (column: string, name: string) => {
    await page
      .getByRole("button", { name: `Settings of ${column}` })
      .first()
      .click();
    await expect(dialog).toBeVisible();
    await shoot(page, name, false);
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await expect(dialog).toBeHidden();
  };
  await settings("customer_id", "modal-text");
  await settings("price", "modal-number");
  await settings("bought_at", "modal-time");
  await page.getByRole("button", { name: "Add cross feature" }).first().click();
  await dialog.getByLabel(/^customer_id/).check();
  await dialog.getByLabel(/^city/).check();
  await shoot(page, "modal-cross", false);
  await dialog.getByRole("button", { name: "Cancel" }).click();

  await page.keyboard.press("Control+k");
  await expect(page.getByPlaceholder("Search pages", { exact: false })).toBeFocused();
  await page.waitForTimeout(500);
  await shoot(page, "palette", false);
});
