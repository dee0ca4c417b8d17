import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api } from "./client";
import { quickTests } from "./quickTests";
import type { Prediction, PredictionRequest } from "./schema";

/** How a completed test's model is asked, and customers to choose from. */
export function predictionInputsQuery(id: string, search: string) {
  return queryOptions({
    queryKey: [quickTests.key, "prediction-inputs", id, search],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/quick-tests/{quick_test_id}/prediction-inputs/", {
          params: {
            path: { quick_test_id: id },
            query: { search: search || undefined, limit: 30 },
          },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  });
}

export function predict(id: string, body: PredictionRequest): Promise<Prediction> {
  return answer(
    api.POST("/api/quick-tests/{quick_test_id}/predictions/", {
      params: { path: { quick_test_id: id } },
      body,
    }),
  );
}

/**
 * The best products for a customer of the training data, under rules or without; with what the
 * customer bought in the held-out rows, where that is asked for.
 */
export function recommendedQuery(
  id: string,
  customer: string,
  k: number,
  { rules = null, held_out = false }: Partial<Pick<PredictionRequest, "rules" | "held_out">> = {},
) {
  return queryOptions({
    queryKey: [quickTests.key, "recommended", id, customer, k, rules, held_out],
    queryFn: () =>
      predict(id, {
        customer_id: customer,
        values: {},
        product_ids: [],
        k,
        list: "all",
        explain: false,
        rules,
        held_out,
      }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** The same answer with the score of each recommendation taken apart. */
export function explanationsQuery(id: string, asked: PredictionRequest) {
  return queryOptions({
    queryKey: [quickTests.key, "explanations", id, asked],
    queryFn: () => predict(id, { ...asked, explain: true }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
