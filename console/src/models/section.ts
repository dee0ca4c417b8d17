import { IconStack2 } from "@tabler/icons-react";
import type { Section } from "@/app/section";

export const models: Section = {
  path: "/models",
  label: "Models",
  icon: IconStack2,
  routes: [],
};
