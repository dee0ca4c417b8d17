import { shoot } from "./shots";
import { expect, test } from "./system";

test("models", async ({ page, system }) => {
  await page.goto("/models");
  await expect(page.getByRole("heading", { name: "Two towers make a model" })).toBeVisible();
  await shoot(page, "models-empty");

  const features = await system.features();
  await system.model("Minimal towers", "minimal");
  await system.model("Deep towers for a large catalogue of products", "deep", {
    optimizer: "adagrad",
    learning_rate: 0.1,
    batch_size: 4096,
  });
  await system.model("Stars", "regularized", {
    model_type: "ranking",
    loss_function: "huber",
    optimizer: "adamw",
    learning_rate: 0.05,
  });
  await system.model("Asymmetric", "asymmetric", { retrieval_algorithm: "scann" });
  const both = await system.model("Both at once", "standard", {
    model_type: "multitask",
    ranking_weight: 0.3,
  });
  const standard = await system.model("Standard retrieval", "standard");
  const quick = await system.quickTest(features, standard);
  await system.endedTest(quick.id);

  await page.goto("/models");
  await expect(page.getByRole("link", { name: "Standard retrieval", exact: true })).toBeVisible();
  await shoot(page, "models");

  await page.goto(`/models/${standard.id}`);
  await expect(page.getByText("completed")).toBeVisible();
  await expect(page.getByText("Trainable", { exact: true })).toBeVisible();
  await shoot(page, "model-retrieval");
  await page.goto(`/models/${both.id}`);
  await page.getByText("model.summary()").click();
  await shoot(page, "model-multitask");

  await page.goto("/models/new");
  await expect(page.getByRole("radio", { name: "Retrieval" })).toBeChecked();
  await shoot(page, "model-new-type");
  await page.goto("/models/new?type=multitask&step=architecture");
  await expect(page.getByText("Trainable", { exact: true })).toBeVisible();
  await page.getByText("Advanced").click();
  await shoot(page, "model-new-architecture");
  await page.goto("/models/new?type=multitask&step=training");
  await expect(page.getByRole("radio", { name: /Adagrad/ })).toBeVisible();
  await shoot(page, "model-new-training");
});

test("setting layers", async ({ page, system }) => {
  await system.features();
  await page.goto("/models/new?type=ranking&step=architecture");
  await page.getByRole("button", { name: "Add a layer to the buyer tower" }).click();
  await expect(page.getByRole("menuitem", { name: /Dropout/ })).toBeVisible();
  await shoot(page, "model-add-layer", false);
  await page.getByRole("menuitem", { name: /Dense/ }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await shoot(page, "model-layer-dense", false);
  await page.getByRole("button", { name: "Cancel" }).click();
  for (const [kind, name] of [
    ["dropout", /Dropout/],
    ["layer-norm", /Layer norm/],
  ] as const) {
    await page.getByRole("button", { name: "Add a layer to the buyer tower" }).click();
    await page.getByRole("menuitem", { name }).click();
    await expect(page.getByRole("dialog")).toBeVisible();
    await shoot(page, `model-layer-${kind}`, false);
    await page.getByRole("button", { name: "Cancel" }).click();
  }
});
