import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useParams } from "react-router";
import { registeredModels } from "@/api/registeredModels";
import { schedules } from "@/api/schedules";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { ScheduleEditor } from "./ScheduleEditor";

/** Edits a stored schedule. What others save meanwhile does not change the draft; saving tells. */
export default function EditSchedulePage() {
  const { id = "" } = useParams();
  const query = useQuery(schedules.query(id));
  const models = useQuery(registeredModels.listQuery).data ?? [];
  const [began, setBegan] = useState(query.data);
  if (query.data && began?.id !== id) setBegan(query.data);
  if (began && began.id === id) {
    const { name, description, spec } = began;
    const initial = { name, description, spec };
    return <ScheduleEditor key={id} stored={began} initial={initial} models={models} />;
  }
  return (
    <Page title="Edit the schedule" parent={{ label: "Schedules", to: "/in-use/schedules" }} wide>
      <Loaded query={query} skeleton={<Rows count={5} />}>
        {() => null}
      </Loaded>
    </Page>
  );
}
