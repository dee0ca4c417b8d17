import { compare } from "@/compare/section";
import { datasets } from "@/datasets/section";
import { features } from "@/features/section";
import { inUse } from "@/in-use/section";
import { models } from "@/models/section";
import { quickTests } from "@/quick-tests/section";
import { sweeps } from "@/sweeps/section";
import { tunings } from "@/tunings/section";
import type { Section } from "./section";

const ALL: Section[] = [datasets, features, models, quickTests, compare, sweeps, tunings, inUse];

/** In the order of the work. A section without pages is not shown. */
export const SECTIONS = ALL.filter((section) => section.routes.length > 0);
