import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { datasets } from "@/api/datasets";
import { featureConfigs } from "@/api/featureConfigs";
import { copyName } from "@/editing/copyName";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { Editor } from "./Editor";
import { blank } from "./spec";

/** `?dataset=ID` chooses the dataset, `?clone=ID` the config to start from. */
export default function NewFeaturesPage() {
  const [search] = useSearchParams();
  // What the address said when the page opened; the steps change it later.
  const [{ dataset, clone }] = useState({
    dataset: search.get("dataset"),
    clone: search.get("clone"),
  });
  const all = useQuery(datasets.listQuery);
  const original = useQuery({ ...featureConfigs.query(clone ?? ""), enabled: clone !== null });

  if (!all.data || (clone && !original.data)) {
    return (
      <Page title="New feature config" parent={{ label: "Features", to: "/features" }} wide>
        <Loaded
          query={(clone && all.data ? original : all) as UseQueryResult<unknown>}
          skeleton={<Rows count={5} height={56} />}
        >
          {() => null}
        </Loaded>
      </Page>
    );
  }
  const usable = all.data.filter(({ status }) => status.columns.length > 0);
  const chosen =
    original.data?.spec.dataset_id ?? dataset ?? (usable.length === 1 ? usable[0]?.id : "") ?? "";
  return (
    <Editor
      title="New feature config"
      initial={{
        name: original.data ? copyName(original.data.name) : "",
        description: original.data?.description ?? "",
        spec: blank(chosen),
      }}
      initialStart={clone ? { kind: "clone", id: clone } : { kind: "smart" }}
    />
  );
}
