import { Button, Group, Text } from "@mantine/core";
import { Link } from "react-router";
import { featureConfigs } from "@/api/featureConfigs";
import { modelConfigs } from "@/api/modelConfigs";
import type { QuickTest, WarningFix } from "@/api/schema";
import { asDraft } from "@/editing/useFixed";
import { Dialog } from "@/ui/Dialog";
import { DiffTable } from "@/ui/DiffTable";
import { differences } from "@/ui/diff";

const OF = {
  settings: {
    lead: "A new test with these settings. It starts when you say so; this one stays as it is.",
    open: "Open the settings",
  },
  features: {
    lead: "The features with this change, as a draft. Nothing is stored before you save it.",
    open: "Open as a draft",
  },
  model: {
    lead: "The model with this change, as a draft. Nothing is stored before you save it.",
    open: "Open as a draft",
  },
};

interface Props {
  test: QuickTest;
  fix: WarningFix;
  onClose: () => void;
}

/** What a fix changes, before it is opened. */
export default function FixDialog({ test, fix, onClose }: Props) {
  const { spec } = test;
  const to = {
    settings: `/tests/new?from=${test.id}`,
    features: `${featureConfigs.path(spec.feature_config_id)}/edit?step=columns`,
    model: `${modelConfigs.path(spec.model_config_id)}/edit?step=architecture`,
  }[fix.of];
  return (
    <Dialog onClose={onClose} title={fix.label} size="lg">
      <Text c="var(--text-2)" mb="md">
        {OF[fix.of].lead}
      </Text>
      <DiffTable differences={differences(fix.before, fix.after)} before="Now" after="Then" />
      <Group justify="flex-end" gap="xs" mt="lg">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button component={Link} to={to} {...asDraft(fix.after)} data-autofocus>
          {OF[fix.of].open}
        </Button>
      </Group>
    </Dialog>
  );
}
