import "@mantine/spotlight/styles.css";
import { Spotlight, type SpotlightActionData, spotlight } from "@mantine/spotlight";
import {
  IconAdjustmentsHorizontal,
  IconDatabase,
  IconFlask,
  IconPlus,
  IconSearch,
  IconStack2,
} from "@tabler/icons-react";
import { type UseQueryOptions, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useNavigate } from "react-router";
import { datasets } from "@/api/datasets";
import { featureConfigs } from "@/api/featureConfigs";
import { modelConfigs } from "@/api/modelConfigs";
import { quickTests } from "@/api/quickTests";
import type { AnyDocument, Resource } from "@/api/resource";
import { ago } from "@/ui/format";
import { SECTIONS } from "./sections";

const KINDS = [
  { resource: datasets as unknown as Resource<AnyDocument>, group: "Datasets", icon: IconDatabase },
  {
    resource: featureConfigs as unknown as Resource<AnyDocument>,
    group: "Features",
    icon: IconAdjustmentsHorizontal,
  },
  { resource: modelConfigs as unknown as Resource<AnyDocument>, group: "Models", icon: IconStack2 },
  {
    resource: quickTests as unknown as Resource<AnyDocument>,
    group: "Quick tests",
    icon: IconFlask,
  },
];

const NEW = [
  { to: "/datasets/new", label: "Add a dataset" },
  { to: "/features/new", label: "New feature config" },
  { to: "/models/new", label: "New model config" },
  { to: "/tests/new", label: "Start a quick test" },
];

/** Everything by name: pages, documents, and what can be made. */
export default function CommandPalette() {
  const navigate = useNavigate();
  useEffect(() => spotlight.open(), []);

  const [first, second, third, fourth] = KINDS;
  const found = [
    [first, useDocuments(first)],
    [second, useDocuments(second)],
    [third, useDocuments(third)],
    [fourth, useDocuments(fourth)],
  ] as const;
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
    ...found.flatMap(([kind, documents]) => {
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
        placeholder: "Search pages, datasets, features, models and tests",
        "aria-label": "Search",
      }}
    />
  );
}

function useDocuments(kind: (typeof KINDS)[number] | undefined): AnyDocument[] {
  const options = (kind as (typeof KINDS)[number]).resource.listQuery as UseQueryOptions<
    AnyDocument[]
  >;
  return useQuery({ ...options, refetchInterval: false }).data ?? [];
}
