import { IconFlask } from "@tabler/icons-react";
import type { Section } from "@/app/section";

export const quickTests: Section = {
  path: "/tests",
  label: "Quick tests",
  icon: IconFlask,
  routes: [],
};
