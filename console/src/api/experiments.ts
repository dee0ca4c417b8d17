import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api } from "./client";
import { registeredModels } from "./registeredModels";
import type {
  ExperimentResult,
  ExperimentWrite,
  MeasureRequest,
  RegisteredModel,
  SizeQuestion,
} from "./schema";

const of = (id: string) => ({ path: { model_id: id } });

export function startExperiment(id: string, body: ExperimentWrite): Promise<RegisteredModel> {
  return answer(
    api.POST("/api/registered-models/{model_id}/experiment/start/", { params: of(id), body }),
  );
}

export function endExperiment(id: string): Promise<RegisteredModel> {
  return answer(api.POST("/api/registered-models/{model_id}/experiment/end/", { params: of(id) }));
}

/** What an experiment has shown, by two tables of the machine that the API runs on. */
export function measureExperiment(id: string, body: MeasureRequest): Promise<ExperimentResult> {
  return answer(
    api.POST("/api/registered-models/{model_id}/experiment/measure/", { params: of(id), body }),
  );
}

/** How many customers an experiment of two versions takes. */
export function sampleSizeQuery(question: SizeQuestion) {
  return queryOptions({
    queryKey: [registeredModels.key, "sample-size", question],
    queryFn: ({ signal }) =>
      answer(api.POST("/api/registered-models/sample-size/", { body: question, signal })),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}
