import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { defaultsOf } from "@/api/catalogue";
import { registeredModels } from "@/api/registeredModels";
import type { ScheduleSpec } from "@/api/schema";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { ScheduleEditor } from "./ScheduleEditor";
import { ownZone, USUAL } from "./words";

/** `?model=ID` chooses the model. */
export default function NewSchedulePage() {
  const [search] = useSearchParams();
  const [model] = useState(search.get("model"));
  const models = useQuery(registeredModels.listQuery);
  if (models.data) {
    const [only, ...others] = models.data;
    const spec = {
      ...(defaultsOf("schedule") as Partial<ScheduleSpec>),
      model_id: model ?? (only && others.length === 0 ? only.id : ""),
      cron: USUAL[0]?.cron ?? "",
      zone: ownZone(),
    } as ScheduleSpec;
    return <ScheduleEditor models={models.data} initial={{ name: "", description: "", spec }} />;
  }
  return (
    <Page title="New schedule" parent={{ label: "Schedules", to: "/in-use/schedules" }} wide>
      <Loaded query={models} skeleton={<Rows count={5} />}>
        {() => null}
      </Loaded>
    </Page>
  );
}
