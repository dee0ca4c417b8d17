import { IconGitCompare } from "@tabler/icons-react";
import { page, type Section } from "@/app/section";

export const compare: Section = {
  path: "/compare",
  label: "Compare",
  icon: IconGitCompare,
  routes: [
    { path: "compare", ...page(() => import("./ComparePage")) },
    { path: "compare/heatmap", ...page(() => import("./HeatmapPage")) },
    { path: "compare/lists", ...page(() => import("./ListsPage")) },
  ],
};
