import { IconRocket } from "@tabler/icons-react";
import { page, type Section } from "@/app/section";

export const inUse: Section = {
  path: "/in-use",
  label: "In use",
  icon: IconRocket,
  routes: [
    { path: "in-use", ...page(() => import("./InUsePage")) },
    { path: "in-use/:id", ...page(() => import("./RegisteredModelPage")) },
  ],
};
