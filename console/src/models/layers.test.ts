import { expect, test } from "vitest";
import { initialLayer, type Layer, layerDetail, layerTitle, linear, settable } from "./layers";

const dense: Layer = { type: "dense", units: 1024, activation: "gelu", l2_reg: 0.01 };

test("a layer is named by its kind, its telling setting, and what else is set", () => {
  expect(layerTitle(dense)).toBe("Dense 1,024");
  expect(layerDetail(dense)).toBe("GELU, L2 regularization 0.01");
  expect(layerTitle({ type: "dropout", rate: 0.2 })).toBe("Dropout 0.2");
  expect(layerTitle(initialLayer("layer_norm"))).toBe("Layer norm");
  expect(layerDetail(initialLayer("layer_norm"))).toBe("");
  expect(layerDetail({ type: "layer_norm", epsilon: 1e-5 })).toBe("Epsilon 1e-5");
  expect(layerDetail(linear(32))).toBe("Linear");
});

test("a layer of a kind that is not known goes by its type", () => {
  const layer = { type: "highway" } as unknown as Layer;
  expect(layerTitle(layer)).toBe("highway");
  expect(settable(layer)).toBe(true);
});
