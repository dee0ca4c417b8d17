import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type { LayerParameters, ParameterSummary, Problem } from "@/api/schema";
import { type Block, type Draft, specOf } from "./draft";
import { type Layer, PARTS, type Part } from "./layers";

const PAUSE_MS = 250;

export interface Trial {
  problems: Problem[];
  parameters: ParameterSummary | null;
  /** The rating head that fits the buyer tower. */
  fittingHead: Layer[] | null;
  /** Parameters of each layer, by its block's key. */
  layers: Map<string, LayerParameters>;
  /** What was said of each layer, by its block's key. */
  layerProblems: Map<string, Problem[]>;
}

const NOTHING_SAID: Trial = {
  problems: [],
  parameters: null,
  fittingHead: null,
  layers: new Map(),
  layerProblems: new Map(),
};

/**
 * What the system says of a draft, asked whenever the draft has rested for a moment. Until it has
 * answered, what it said last stays, with `stale`; nothing that people do waits for it.
 */
export function useTrial(draft: Draft, id: string | undefined, features: string | null) {
  const [rested] = useDebouncedValue(draft, PAUSE_MS);
  const { settings, blocks } = rested;
  const query = useQuery({
    queryKey: ["model-config-trial", id, features, settings, blocks],
    queryFn: async ({ signal }): Promise<Trial> => {
      const said = await answer(
        api.POST("/api/model-configs/validate/", {
          body: { spec: specOf(rested), id, feature_config_id: features },
          signal,
        }),
      );
      const trial = trialOf(said.problems, said.parameters ?? null, blocks);
      return { ...trial, fittingHead: said.fitting_head ?? null };
    },
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    gcTime: 30_000,
  });
  return {
    ...(query.data ?? NOTHING_SAID),
    stale: query.isPlaceholderData || query.isPending || rested !== draft,
    fault: query.error,
  };
}

export function trialOf(
  problems: Problem[],
  parameters: ParameterSummary | null,
  blocks: Record<Part, Block[]>,
): Trial {
  const layers = new Map<string, LayerParameters>();
  const layerProblems = new Map<string, Problem[]>();
  const counted = {
    buyer: parameters?.buyer_tower,
    product: parameters?.product_tower,
    rating: parameters?.rating_head,
  };
  for (const part of ["buyer", "product", "rating"] as const) {
    blocks[part].forEach(({ key }, place) => {
      const layer = counted[part]?.layers[place];
      if (layer) layers.set(key, layer);
      const path = `spec.${PARTS[part].field}[${place}]`;
      const said = problems.filter(
        (problem) => problem.path === path || problem.path.startsWith(`${path}.`),
      );
      if (said.length) layerProblems.set(key, said);
    });
  }
  return { problems, parameters, fittingHead: null, layers, layerProblems };
}
