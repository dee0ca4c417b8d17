import { Button, Group, Modal, Select, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { messageOf } from "@/api/errors";
import { featureConfigs } from "@/api/featureConfigs";
import type { Version } from "@/api/resource";
import type { FeatureConfig, FeatureConfigSpec } from "@/api/schema";
import { ConflictDialog } from "@/editing/ConflictDialog";
import { useSave } from "@/editing/useSave";
import { DiffTable } from "@/ui/DiffTable";
import { differences } from "@/ui/diff";
import { ago, moment, plural } from "@/ui/format";
import { Notice } from "@/ui/Notice";
import { Section } from "@/ui/Section";
import { succeeded } from "@/ui/toast";
import classes from "./Versions.module.css";

/** Every version that there was: what it changed, how it differs from others, and back to it. */
export function Versions({ config }: { config: FeatureConfig }) {
  const [search, setSearch] = useSearchParams();
  const query = useQuery(featureConfigs.versionsQuery(config.id));
  const versions = query.data ?? [];
  const opened = versions.find(({ revision }) => String(revision) === search.get("version"));
  // By itself, an older version is compared with the current one, that one with the one before.
  const usual =
    opened?.revision === config.revision
      ? versions[versions.indexOf(opened) + 1]
      : versions.find(({ revision }) => revision === config.revision);
  const against =
    versions.find(({ revision }) => String(revision) === search.get("against")) ?? usual;

  const saving = useSave(featureConfigs, {
    id: config.id,
    revision: config.revision,
    onSaved: (saved) => {
      open(null);
      succeeded(`That is version ${saved.revision} now. The one before stays in the history.`);
    },
  });

  function open(revision: number | null, other?: string | null): void {
    setSearch(
      (params) => {
        params.delete("against");
        if (revision === null) params.delete("version");
        else params.set("version", String(revision));
        if (other) params.set("against", other);
        return params;
      },
      { replace: true, preventScrollReset: true },
    );
  }

  return (
    <Section
      title="Version history"
      lead="Every saved change is kept. Quick tests stay with the version that they were made of."
    >
      <ul className={classes.versions}>
        {versions.map((version, place) => (
          <li key={version.revision} className={classes.version}>
            <UnstyledButton className={classes.open} onClick={() => open(version.revision)}>
              <span className={classes.number}>
                Version {version.revision}
                {version.revision === config.revision && <span> · current</span>}
              </span>
              <span className={classes.what}>{changed(version, versions[place + 1])}</span>
              <span className={classes.when} title={moment(String(version.created_at))}>
                {ago(String(version.created_at))}
              </span>
            </UnstyledButton>
          </li>
        ))}
      </ul>
      <ConflictDialog saving={saving} />
      <Modal
        opened={opened !== undefined && saving.conflict === null}
        onClose={() => open(null)}
        size="xl"
        title={`Version ${opened?.revision}`}
      >
        {opened && !against && "It is the only version so far."}
        {opened && against && (
          <>
            <Select
              label="Compared with"
              size="xs"
              maw={240}
              mb="md"
              value={String(against.revision)}
              allowDeselect={false}
              onChange={(value) => open(opened.revision, value)}
              data={versions
                .filter(({ revision }) => revision !== opened.revision)
                .map(({ revision }) => ({
                  value: String(revision),
                  label: `Version ${revision}${revision === config.revision ? ", current" : ""}`,
                }))}
            />
            <DiffTable
              differences={differences(contents(opened), contents(against))}
              before={`Version ${opened.revision}`}
              after={`Version ${against.revision}${against.revision === config.revision ? ", current" : ""}`}
            />
            {saving.fault && <Notice tone="bad">{messageOf(saving.fault)}</Notice>}
            {Object.values(saving.errors).map((message) => (
              <Notice key={message} tone="bad">
                {message}
              </Notice>
            ))}
            <Group justify="flex-end" mt="lg" gap="xs">
              <Button variant="default" onClick={() => open(null)}>
                Close
              </Button>
              {opened.revision !== config.revision && (
                <Button
                  loading={saving.saving}
                  onClick={() =>
                    saving.save({
                      name: config.name,
                      description: config.description,
                      spec: opened.spec as FeatureConfigSpec,
                    })
                  }
                >
                  Restore version {opened.revision}
                </Button>
              )}
            </Group>
          </>
        )}
      </Modal>
    </Section>
  );
}

function contents(version: Version): object {
  return version.spec as object;
}

/** What a version changed of the one before, in a line. */
function changed(version: Version, before: Version | undefined): string {
  if (!before) return "the first";
  const found = differences(contents(before), contents(version));
  if (found.length === 0) return "says the same as the one before";
  const [first] = found;
  const named = first?.path.slice(1).join(" ").replace(/_/g, " ") || first?.path[0] || "";
  return found.length === 1
    ? `${first?.kind} ${named}`
    : `${plural(found.length, "change")}, among them ${named}`;
}
