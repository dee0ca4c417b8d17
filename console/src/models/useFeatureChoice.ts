import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { featureConfigs } from "@/api/featureConfigs";
import type { FeatureConfig } from "@/api/schema";

export interface FeatureChoice {
  /** Those that can be chosen, latest change first; undefined while they are not known. */
  configs: FeatureConfig[] | undefined;
  chosen: string | null;
  choose: (id: string | null) => void;
}

/** The features that a model's parameters are counted over: the latest ones, until others are. */
export function useFeatureChoice(): FeatureChoice {
  const { data } = useQuery(featureConfigs.listQuery);
  const [own, choose] = useState<string | null>(null);
  const configs = data
    ?.filter(
      ({ status }) => status.lifecycle !== "archived" && status.validation.state !== "invalid",
    )
    .sort((one, other) => (other.updated_at ?? "").localeCompare(one.updated_at ?? ""));
  const chosen = configs?.find(({ id }) => id === own) ?? configs?.[0];
  return { configs, chosen: chosen?.id ?? null, choose };
}
