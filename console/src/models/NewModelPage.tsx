import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { modelPresets } from "@/api/modelChoices";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { draftOf, withType } from "./draft";
import { ModelEditor } from "./ModelEditor";
import { TYPE_ORDER } from "./types";

/** A new model, from the standard preset; `?type=` and `?preset=` begin with others. */
export default function NewModelPage() {
  const query = useQuery(modelPresets());
  const [parameters] = useSearchParams();
  const key = parameters.get("preset") ?? "standard";
  const preset = query.data?.find((preset) => preset.key === key) ?? query.data?.[0];
  if (preset) {
    const draft = draftOf({ name: "", description: "", spec: preset.spec });
    const type = TYPE_ORDER.find((known) => known === parameters.get("type"));
    return <ModelEditor initial={type ? withType(draft, type) : draft} />;
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
