import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { datasets } from "@/api/datasets";
import { ruleSets } from "@/api/ruleSets";
import { copyName } from "@/editing/copyName";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { RuleSetEditor } from "./RuleSetEditor";
import { NO_RULES } from "./rules";

/** `?dataset=ID` chooses the dataset; `?clone=ID` begins with a copy, stored when it is saved. */
export default function NewRuleSetPage() {
  const [search] = useSearchParams();
  const [{ clone, dataset }] = useState({
    clone: search.get("clone"),
    dataset: search.get("dataset"),
  });
  const all = useQuery(datasets.listQuery);
  const original = useQuery({ ...ruleSets.query(clone ?? ""), enabled: clone !== null });
  const [began, setBegan] = useState(original.data);
  if (original.data && !began) setBegan(original.data);
  if (clone && began) {
    const { name, description, spec } = began;
    return <RuleSetEditor initial={{ name: copyName(name), description, spec }} />;
  }
  if (!clone && all.data) {
    const usable = all.data.filter(({ status }) => status.columns.length > 0);
    const only = usable.length === 1 ? usable[0]?.id : undefined;
    const spec = { dataset_id: dataset ?? only ?? "", rules: NO_RULES };
    return <RuleSetEditor initial={{ name: "", description: "", spec }} />;
  }
  return (
    <Page title="New rule set" parent={{ label: "Rule sets", to: "/in-use/rules" }} wide>
      {clone ? (
        <Loaded query={original} skeleton={<Rows count={5} />}>
          {() => null}
        </Loaded>
      ) : (
        <Loaded query={all} skeleton={<Rows count={5} />}>
          {() => null}
        </Loaded>
      )}
    </Page>
  );
}
