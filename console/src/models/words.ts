import type { LossFunction, Optimizer } from "@/api/schema";

export const OPTIMIZER_NAMES: Record<Optimizer, string> = {
  adagrad: "Adagrad",
  adam: "Adam",
  sgd: "SGD",
  rmsprop: "RMSprop",
  adamw: "AdamW",
  ftrl: "FTRL",
};

export const LOSS_NAMES: Record<LossFunction, string> = {
  mse: "Mean squared error",
  binary_crossentropy: "Binary cross-entropy",
  huber: "Huber",
};

export const ALGORITHM_NAMES = { brute_force: "Brute force", scann: "ScaNN" } as const;
