import { IconGridDots } from "@tabler/icons-react";
import type { Section } from "@/app/section";

export const sweeps: Section = {
  path: "/sweeps",
  label: "Sweeps",
  icon: IconGridDots,
  routes: [],
};
