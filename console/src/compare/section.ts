import { IconGitCompare } from "@tabler/icons-react";
import type { Section } from "@/app/section";

export const compare: Section = {
  path: "/compare",
  label: "Compare",
  icon: IconGitCompare,
  routes: [],
};
