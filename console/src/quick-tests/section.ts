import { IconFlask } from "@tabler/icons-react";
import { page, type Section } from "@/app/section";

export const quickTests: Section = {
  path: "/tests",
  label: "Quick tests",
  icon: IconFlask,
  routes: [
    { path: "tests", ...page(() => import("./QuickTestsPage")) },
    { path: "tests/new", ...page(() => import("./StartPage")) },
    { path: "tests/:id", ...page(() => import("./QuickTestPage")) },
  ],
};
