import { Anchor, Button, Group, List, Text } from "@mantine/core";
import { Link } from "react-router";
import type { Usage } from "@/api/schema";
import { Dialog } from "@/ui/Dialog";

const PLACES: Record<Usage["users"][number]["collection"], { path: string; noun: string }> = {
  datasets: { path: "/datasets", noun: "Dataset" },
  feature_configs: { path: "/features", noun: "Features" },
  model_configs: { path: "/models", noun: "Model" },
  quick_tests: { path: "/tests", noun: "Quick test" },
  sweeps: { path: "/sweeps", noun: "Sweep" },
  tunings: { path: "/tunings", noun: "Tuning" },
  registered_models: { path: "/in-use", noun: "Registered model" },
  rule_sets: { path: "/in-use/rules", noun: "Rule set" },
  schedules: { path: "/in-use/schedules", noun: "Schedule" },
};

interface Props {
  name: string;
  usage: Usage;
  close: () => void;
}

export default function InUseDialog({ name, usage, close }: Props) {
  const { users, total, reason, advice } = usage;
  return (
    <Dialog onClose={close} title={`“${name}” cannot be deleted`}>
      {users.length > 0 ? (
        <>
          <Text c="var(--text-2)">It is used by:</Text>
          <List my="sm" spacing={4} styles={{ item: { overflowWrap: "anywhere" } }}>
            {users.map(({ collection, id, name }) => (
              <List.Item key={id}>
                {PLACES[collection].noun}{" "}
                <Anchor component={Link} to={`${PLACES[collection].path}/${id}`} onClick={close}>
                  {name}
                </Anchor>
              </List.Item>
            ))}
          </List>
          {total > users.length && (
            <Text c="var(--text-2)" mb="sm">
              and {total - users.length} more.
            </Text>
          )}
          <Text c="var(--text-2)">{advice}</Text>
        </>
      ) : (
        <Text c="var(--text-2)">{reason}</Text>
      )}
      <Group justify="flex-end" mt="lg">
        <Button data-autofocus onClick={close}>
          Close
        </Button>
      </Group>
    </Dialog>
  );
}
