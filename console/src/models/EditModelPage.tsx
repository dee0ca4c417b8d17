import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useParams } from "react-router";
import { modelConfigs } from "@/api/modelConfigs";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { draftOf } from "./draft";
import { ModelEditor } from "./ModelEditor";

/** Edits a stored model. What others save meanwhile does not change the draft; saving tells. */
export default function EditModelPage() {
  const { id = "" } = useParams();
  const query = useQuery(modelConfigs.query(id));
  const [began, setBegan] = useState(query.data);
  if (query.data && began?.id !== id) setBegan(query.data);
  if (began && began.id === id) {
    return <ModelEditor key={id} stored={began} initial={draftOf(began)} />;
  }
  return (
    <Page title="Edit the model" parent={{ label: "Models", to: "/models" }} wide>
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
