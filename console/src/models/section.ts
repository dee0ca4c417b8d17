import { IconStack2 } from "@tabler/icons-react";
import { page, type Section } from "@/app/section";

export const models: Section = {
  path: "/models",
  label: "Models",
  icon: IconStack2,
  routes: [
    { path: "models", ...page(() => import("./ModelsPage")) },
    { path: "models/new", ...page(() => import("./NewModelPage")) },
    { path: "models/:id", ...page(() => import("./ModelPage")) },
    { path: "models/:id/edit", ...page(() => import("./EditModelPage")) },
  ],
};
