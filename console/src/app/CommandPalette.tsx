import "@mantine/spotlight/styles.css";
import { Spotlight, type SpotlightActionData, spotlight } from "@mantine/spotlight";
import {
  IconAdjustmentsHorizontal,
  IconArrowsSplit2,
  IconCalendarTime,
  IconDatabase,
  IconFilter,
  IconFlask,
  IconPlus,
  IconRocket,
  IconSearch,
  IconStack2,
} from "@tabler/icons-react";
import { type UseQueryOptions, useQueries } from "@tanstack/react-query";
import { useEffect } from "react";
import { useNavigate } from "react-router";
import { datasets } from "@/api/datasets";
import { featureConfigs } from "@/api/featureConfigs";
import { modelConfigs } from "@/api/modelConfigs";
import { quickTests } from "@/api/quickTests";
import { registeredModels } from "@/api/registeredModels";
import type { AnyDocument, Resource } from "@/api/resource";
import { ruleSets } from "@/api/ruleSets";
import { schedules } from "@/api/schedules";
import type { RegisteredModel } from "@/api/schema";
import {
  experimentPath,
  experimentState,
  experimentsOf,
  versionsWords,
} from "@/experiments/experiments";
import { ago } from "@/ui/format";
import { SECTIONS } from "./sections";

const KINDS = [
  { resource: datasets, group: "Datasets", icon: IconDatabase },
  { resource: featureConfigs, group: "Features", icon: IconAdjustmentsHorizontal },
  { resource: modelConfigs, group: "Models", icon: IconStack2 },
  { resource: quickTests, group: "Quick tests", icon: IconFlask },
  { resource: registeredModels, group: "In use", icon: IconRocket },
  { resource: ruleSets, group: "Rule sets", icon: IconFilter },
  { resource: schedules, group: "Schedules", icon: IconCalendarTime },
].map(({ resource, ...rest }) => ({
  ...rest,
  resource: resource as unknown as Resource<AnyDocument>,
}));

const NEW = [
  { to: "/datasets/new", label: "Add a dataset" },
  { to: "/features/new", label: "New feature config" },
  { to: "/models/new", label: "New model config" },
  { to: "/tests/new", label: "Start a quick test" },
  { to: "/in-use/rules/new", label: "New rule set" },
  { to: "/in-use/schedules/new", label: "New schedule" },
  { to: "/in-use/experiments/new", label: "New experiment" },
];

/** Everything by name: pages, documents, and what can be made. */
export default function CommandPalette() {
  const navigate = useNavigate();
  useEffect(() => spotlight.open(), []);

  const found = useQueries({
    queries: KINDS.map(({ resource }) => ({
      ...(resource.listQuery as UseQueryOptions<AnyDocument[]>),
      refetchInterval: false as const,
    })),
  }).map(({ data }, place) => ({ kind: KINDS[place], documents: data ?? [] }));
  const models = found.find(({ kind }) => kind?.group === "In use")?.documents ?? [];
  const open = SECTIONS.map(({ path }) => path);

  const actions: { group: string; actions: SpotlightActionData[] }[] = [
    {
      group: "Go to",
      actions: SECTIONS.map(({ path, label, icon: Icon }) => ({
        id: path,
        label,
        leftSection: <Icon size={18} stroke={1.6} />,
        onClick: () => navigate(path),
      })),
    },
    {
      group: "New",
      actions: NEW.filter(({ to }) => open.some((path) => to.startsWith(path))).map(
        ({ to, label }) => ({
          id: to,
          label,
          leftSection: <IconPlus size={18} stroke={1.6} />,
          onClick: () => navigate(to),
        }),
      ),
    },
    ...found.flatMap(({ kind, documents }) => {
      if (!kind || documents.length === 0) return [];
      const { resource, group, icon: Icon } = kind;
      return {
        group,
        actions: documents.map((document) => ({
          id: document.id,
          label: document.name,
          description: `${document.description ? `${document.description} · ` : ""}changed ${ago(document.updated_at)}`,
          keywords: [document.id, resource.noun],
          leftSection: <Icon size={18} stroke={1.6} />,
          onClick: () => navigate(resource.path(document.id)),
        })),
      };
    }),
    {
      group: "Experiments",
      actions: experimentsOf(models as unknown as RegisteredModel[]).map(
        ({ model, experiment }) => ({
          id: `${model.id} ${experiment.id}`,
          label: `${model.name}: ${versionsWords(experiment.versions)}`,
          description: `${experimentState(experiment).label} · began ${ago(experiment.began_at)}`,
          keywords: [experiment.id, "experiment", "A/B test"],
          leftSection: <IconArrowsSplit2 size={18} stroke={1.6} />,
          onClick: () => navigate(experimentPath(model.id, experiment.id)),
        }),
      ),
    },
  ];

  return (
    <Spotlight
      actions={actions}
      shortcut={null}
      limit={12}
      maxHeight={420}
      scrollable
      highlightQuery
      nothingFound="No match."
      searchProps={{
        leftSection: <IconSearch size={18} stroke={1.6} />,
        placeholder: "Search pages, datasets, features, models, tests and what is in use",
        "aria-label": "Search",
      }}
    />
  );
}
