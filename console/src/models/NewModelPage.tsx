import { Skeleton } from "@mantine/core";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { modelPresets } from "@/api/modelChoices";
import { modelConfigs } from "@/api/modelConfigs";
import { copyName } from "@/editing/copyName";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { draftOf, lacksHead, withHead, withType } from "./draft";
import { ModelEditor } from "./ModelEditor";
import { firstPreset, modelTypes } from "./types";

/** A new model, from its task's first preset; `?type=` and `?preset=` begin with others, and
 * `?clone=ID` with a copy, which is stored nowhere until it is saved. */
export default function NewModelPage() {
  const query = useQuery(modelPresets());
  const [parameters] = useSearchParams();
  const clone = parameters.get("clone");
  const original = useQuery({ ...modelConfigs.query(clone ?? ""), enabled: clone !== null });
  // As it was when the page opened: what others change meanwhile does not move under one's hands.
  const [began, setBegan] = useState(original.data);
  if (original.data && began?.id !== original.data.id) setBegan(original.data);
  const types = modelTypes().map(({ name }) => name);
  const type = types.find((name) => name === parameters.get("type")) ?? types[0];
  const key = parameters.get("preset") ?? (type && firstPreset(type));
  const preset = query.data?.find((preset) => preset.key === key) ?? query.data?.[0];
  if (clone && began?.id === clone) {
    return (
      <ModelEditor key={clone} copied initial={draftOf({ ...began, name: copyName(began.name) })} />
    );
  }
  if (!clone && preset) {
    const draft = draftOf({ name: "", description: "", spec: preset.spec });
    const typed = type ? withType(draft, type) : draft;
    return <ModelEditor initial={lacksHead(typed) ? withHead(typed, preset.rating_head) : typed} />;
  }
  return (
    <Page title="New model" parent={{ label: "Models", to: "/models" }} wide>
      <Loaded
        query={(clone ? original : query) as UseQueryResult<unknown>}
        skeleton={
          <>
            <Skeleton height={54} mb="xl" />
            <Rows count={5} height={72} />
          </>
        }
      >
        {() => null}
      </Loaded>
    </Page>
  );
}
