import { IconDatabase } from "@tabler/icons-react";
import { page, type Section } from "@/app/section";

export const datasets: Section = {
  path: "/datasets",
  label: "Datasets",
  icon: IconDatabase,
  routes: [
    { path: "datasets", ...page(() => import("./DatasetsPage")) },
    { path: "datasets/new", ...page(() => import("./AddDatasetPage")) },
    { path: "datasets/forget", ...page(() => import("./ForgetPage")) },
    { path: "datasets/:id/report", ...page(() => import("./ReportPage")) },
    { path: "datasets/:id", ...page(() => import("./DatasetPage")) },
  ],
};
