import { IconGridDots } from "@tabler/icons-react";
import { page, type Section } from "@/app/section";

export const sweeps: Section = {
  path: "/sweeps",
  label: "Sweeps",
  icon: IconGridDots,
  routes: [
    { path: "sweeps", ...page(() => import("./SweepsPage")) },
    { path: "sweeps/new", ...page(() => import("./NewSweepPage")) },
    { path: "sweeps/:id", ...page(() => import("./SweepPage")) },
  ],
};
