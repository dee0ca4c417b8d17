import { IconAdjustmentsSearch } from "@tabler/icons-react";
import { page, type Section } from "@/app/section";

export const tunings: Section = {
  path: "/tunings",
  label: "Tuning",
  icon: IconAdjustmentsSearch,
  routes: [
    { path: "tunings", ...page(() => import("./TuningsPage")) },
    { path: "tunings/new", ...page(() => import("./NewTuningPage")) },
    { path: "tunings/:id", ...page(() => import("./TuningPage")) },
  ],
};
