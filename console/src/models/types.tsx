import { IconArrowsSplit2, IconSearch, IconStars } from "@tabler/icons-react";
import type { ModelType } from "@/api/schema";
import type { Meaning } from "@/theme/meaning";

interface TypeOfModel {
  name: string;
  meaning: Meaning;
  icon: typeof IconSearch;
  /** What it does, in one line. */
  lead: string;
  /** When to take it. */
  points: string[];
}

export const MODEL_TYPES: Record<ModelType, TypeOfModel> = {
  retrieval: {
    name: "Retrieval",
    meaning: "buyer",
    icon: IconSearch,
    lead: "Finds products that a customer may want next, among all there are.",
    points: [
      "For large catalogues, up to millions of products",
      "Learns from purchases alone",
      "Measured by recall@k: how often the product bought next is among the first k",
    ],
  },
  ranking: {
    name: "Ranking",
    meaning: "rating",
    icon: IconStars,
    lead: "Predicts how a customer would rate a product, to sort a short list.",
    points: [
      "For ordering some hundred candidates",
      "Needs a column with ratings, amounts, or yes and no",
      "Measured by RMSE and MAE: how far predictions are off",
    ],
  },
  multitask: {
    name: "Multitask",
    meaning: "multitask",
    icon: IconArrowsSplit2,
    lead: "Does both with the same towers: finds products and rates them.",
    points: [
      "For sparse data: each task learns from the other",
      "Needs a column with ratings, too",
      "You weigh the two tasks against each other",
    ],
  },
};

export const TYPE_ORDER: ModelType[] = ["retrieval", "ranking", "multitask"];
