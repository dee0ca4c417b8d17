import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import type { Prediction, PredictionInputs, PredictionRequest } from "@/api/schema";
import { Recommended } from "./Recommended";

const asked: PredictionRequest = {
  customer_id: "c",
  values: {},
  k: 2,
  product_ids: [],
  list: "all",
  history: null,
  explain: false,
  held_out: false,
};
const prediction: Prediction = {
  known: true,
  query: {},
  recommendations: [
    {
      product_id: "p",
      name: "Soap",
      score: 1.5,
      bought_before: false,
      pinned: false,
      explanation: null,
    },
  ],
  ratings: [],
  history: [],
  products_bought: 0,
  products_held_out: 0,
  unknown_products: [],
};
const explained: Prediction = {
  ...prediction,
  recommendations: [
    {
      product_id: "p",
      name: "Soap",
      score: 1.5,
      bought_before: false,
      pinned: false,
      explanation: {
        method: "exact",
        method_words: "Exact.",
        residual: 0,
        groups: [
          { key: "start", side: null, name: "Starting point", detail: "", value: 1.75, parts: [] },
          {
            key: "purchases",
            side: "buyer",
            name: "Like what the customer bought",
            detail: "",
            value: -0.25,
            parts: [{ name: "Towels", detail: "once, 3 days ago", value: -0.25, product_id: "q" }],
          },
        ],
      },
    },
  ],
};
const { predict } = vi.hoisted(() => ({ predict: vi.fn() }));
vi.mock("@/api/client", () => ({
  api: { POST: predict, GET: vi.fn() },
  answer: (found: unknown) => found,
}));

function shown(max_explained: number) {
  predict.mockResolvedValue(explained);
  const inputs = { recommends: true, rates: false, max_k: 60, max_explained } as PredictionInputs;
  render(
    <MantineProvider>
      <QueryClientProvider client={new QueryClient()}>
        <Recommended id="qt" prediction={prediction} asked={asked} inputs={inputs} />
      </QueryClientProvider>
    </MantineProvider>,
  );
}

test("a product's score is taken apart when somebody asks why", async () => {
  shown(50);
  const user = userEvent.setup();
  expect(predict).not.toHaveBeenCalled();
  await user.click(screen.getByRole("button", { name: "Why Soap?" }));
  expect(await screen.findByText("1.750")).toBeVisible();
  expect(predict.mock.calls[0]?.[1].body).toEqual({ ...asked, explain: true });
  await user.click(screen.getByRole("button", { name: "Like what the customer bought" }));
  expect(screen.getByText("once, 3 days ago")).toBeVisible();
  expect(screen.getAllByText("−0.250")).toHaveLength(2);
  await user.click(screen.getByRole("button", { name: "Why Soap?" }));
  expect(screen.queryByText("1.750")).toBeNull();
});

test("nothing is asked of a model that explains nothing", () => {
  shown(0);
  expect(screen.queryByRole("button", { name: "Why Soap?" })).toBeNull();
});
