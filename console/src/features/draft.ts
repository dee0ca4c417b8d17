import type { FeatureConfigSpec } from "@/api/schema";

/** A feature config while it is edited. */
export interface Draft {
  name: string;
  description: string;
  spec: FeatureConfigSpec;
}

/** What a new config starts from. */
export type Start = { kind: "blank" } | { kind: "smart" } | { kind: "clone"; id: string };
