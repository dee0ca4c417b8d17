import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useParams, useSearchParams } from "react-router";
import { featureConfigs } from "@/api/featureConfigs";
import type { FeatureConfig } from "@/api/schema";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { Editor } from "./Editor";

export default function EditFeaturesPage() {
  const { id = "" } = useParams();
  const [search, setSearch] = useSearchParams();
  const query = useQuery(featureConfigs.query(id));
  // The config as it was when editing began: what others change meanwhile is a conflict to be
  // shown on saving, not something that moves under one's hands.
  const [opened, setOpened] = useState<FeatureConfig | null>(null);
  if (query.data && opened?.id !== query.data.id) setOpened(query.data);

  // biome-ignore lint/correctness/useExhaustiveDependencies: once; an edit begins with the columns
  useEffect(() => {
    if (!search.has("step")) setSearch({ step: "columns" }, { replace: true });
  }, []);

  if (!opened) {
    return (
      <Page title="Edit features" parent={{ label: "Features", to: "/features" }} wide>
        <Loaded query={query} skeleton={<Rows count={6} height={64} />}>
          {() => null}
        </Loaded>
      </Page>
    );
  }
  return (
    <Editor
      key={opened.id}
      title={`Edit ${opened.name}`}
      config={opened}
      initial={{ name: opened.name, description: opened.description, spec: opened.spec }}
      initialStart={{ kind: "blank" }}
    />
  );
}
