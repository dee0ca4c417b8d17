import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useParams } from "react-router";
import { ruleSets } from "@/api/ruleSets";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { RuleSetEditor } from "./RuleSetEditor";

/** Edits a stored rule set. What others save meanwhile does not change the draft; saving tells. */
export default function EditRuleSetPage() {
  const { id = "" } = useParams();
  const query = useQuery(ruleSets.query(id));
  const [began, setBegan] = useState(query.data);
  if (query.data && began?.id !== id) setBegan(query.data);
  if (began && began.id === id) {
    const { name, description, spec } = began;
    return <RuleSetEditor key={id} stored={began} initial={{ name, description, spec }} />;
  }
  return (
    <Page title="Edit the rule set" parent={{ label: "Rule sets", to: "/in-use/rules" }} wide>
      <Loaded query={query} skeleton={<Rows count={5} />}>
        {() => null}
      </Loaded>
    </Page>
  );
}
