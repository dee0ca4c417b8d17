import { defaultsOf } from "@/api/catalogue";
import type { Searched, TuningSpec } from "@/api/schema";
import { same } from "@/ui/diff";
import { keyOf } from "./words";

/** A tuning's spec while it is being chosen. A space of null is what is usual for the configs. */
export type Draft = Omit<TuningSpec, "feature_config_id" | "model_config_id"> & {
  feature_config_id: string | null;
  model_config_id: string | null;
};

/** One with nothing but the server's defaults. */
export function plain(): Draft {
  return {
    ...(defaultsOf("tuning") as Omit<Draft, "feature_config_id" | "model_config_id">),
    space: null,
    feature_config_id: null,
    model_config_id: null,
  };
}

/** What can be sent; null as long as a config is missing. A retrieval model predicts no rating. */
export function specOf(draft: Draft, rated: boolean): TuningSpec | null {
  const { feature_config_id, model_config_id } = draft;
  if (!feature_config_id || !model_config_id) return null;
  const rating_column = rated ? draft.rating_column : null;
  return { ...draft, feature_config_id, model_config_id, rating_column };
}

/** The space with one setting changed, put in or taken out; null where it is the usual one. */
export function changed(
  space: Searched[] | null,
  usual: Searched[],
  key: string,
  to: Searched | null,
): Searched[] | null {
  const now = space ?? usual;
  const next = usual.flatMap((one) => {
    const own = now.find((other) => keyOf(other) === keyOf(one));
    if (keyOf(one) !== key) return own ? [own] : [];
    return to ? [to] : [];
  });
  return same(next, usual) ? null : next;
}
