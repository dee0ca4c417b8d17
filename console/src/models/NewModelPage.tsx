import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { modelPresets } from "@/api/modelChoices";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { draftOf, lacksHead, withHead, withType } from "./draft";
import { ModelEditor } from "./ModelEditor";
import { firstPreset, modelTypes } from "./types";

/** A new model, from its task's first preset; `?type=` and `?preset=` begin with others. */
export default function NewModelPage() {
  const query = useQuery(modelPresets());
  const [parameters] = useSearchParams();
  const types = modelTypes().map(({ name }) => name);
  const type = types.find((name) => name === parameters.get("type")) ?? types[0];
  const key = parameters.get("preset") ?? (type && firstPreset(type));
  const preset = query.data?.find((preset) => preset.key === key) ?? query.data?.[0];
  if (preset) {
    const draft = draftOf({ name: "", description: "", spec: preset.spec });
    const typed = type ? withType(draft, type) : draft;
    return <ModelEditor initial={lacksHead(typed) ? withHead(typed, preset.rating_head) : typed} />;
  }
  return (
    <Page title="New model" parent={{ label: "Models", to: "/models" }} wide>
      <Loaded
        query={query}
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
