import { IconRocket } from "@tabler/icons-react";
import { page, type Section } from "@/app/section";

export const inUse: Section = {
  path: "/in-use",
  label: "In use",
  icon: IconRocket,
  routes: [
    { path: "in-use", ...page(() => import("./InUsePage")) },
    { path: "in-use/rules", ...page(() => import("@/rules/RuleSetsPage")) },
    { path: "in-use/rules/new", ...page(() => import("@/rules/NewRuleSetPage")) },
    { path: "in-use/rules/:id", ...page(() => import("@/rules/RuleSetPage")) },
    { path: "in-use/rules/:id/edit", ...page(() => import("@/rules/EditRuleSetPage")) },
    { path: "in-use/schedules", ...page(() => import("@/schedules/SchedulesPage")) },
    { path: "in-use/schedules/new", ...page(() => import("@/schedules/NewSchedulePage")) },
    { path: "in-use/schedules/:id", ...page(() => import("@/schedules/SchedulePage")) },
    { path: "in-use/schedules/:id/edit", ...page(() => import("@/schedules/EditSchedulePage")) },
    { path: "in-use/experiments", ...page(() => import("@/experiments/ExperimentsPage")) },
    { path: "in-use/experiments/new", ...page(() => import("@/experiments/NewExperimentPage")) },
    {
      path: "in-use/experiments/:model",
      ...page(() => import("@/experiments/ExperimentPage")),
    },
    {
      path: "in-use/experiments/:model/:id",
      ...page(() => import("@/experiments/ExperimentPage")),
    },
    { path: "in-use/:id", ...page(() => import("./RegisteredModelPage")) },
  ],
};
