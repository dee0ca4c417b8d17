import { IconAdjustmentsHorizontal } from "@tabler/icons-react";
import type { Section } from "@/app/section";

export const features: Section = {
  path: "/features",
  label: "Features",
  icon: IconAdjustmentsHorizontal,
  routes: [],
};
