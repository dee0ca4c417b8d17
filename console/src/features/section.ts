import { IconAdjustmentsHorizontal } from "@tabler/icons-react";
import { page, type Section } from "@/app/section";

export const features: Section = {
  path: "/features",
  label: "Features",
  icon: IconAdjustmentsHorizontal,
  routes: [
    { path: "features", ...page(() => import("./FeaturesPage")) },
    { path: "features/new", ...page(() => import("./NewFeaturesPage")) },
    { path: "features/:id", ...page(() => import("./FeaturePage")) },
    { path: "features/:id/edit", ...page(() => import("./EditFeaturesPage")) },
  ],
};
