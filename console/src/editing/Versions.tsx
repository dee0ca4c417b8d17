import { Button, Group, Modal, Select, Stack, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { messageOf } from "@/api/errors";
import type { AnyDocument, Resource, Version } from "@/api/resource";
import { ago, moment, plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Notice } from "@/ui/Notice";
import { Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import { succeeded } from "@/ui/toast";
import { SaveDialogs } from "./SaveDialogs";
import { useSave } from "./useSave";
import classes from "./Versions.module.css";
import { WhatDiffers } from "./WhatDiffers";

interface Props<Document extends AnyDocument> {
  resource: Resource<Document>;
  document: Document;
}

/** What goes by an older version, by the resource's noun. */
const KEPT: Record<string, string> = {
  "feature config": "Quick tests keep the version that they were started with.",
  "model config": "Quick tests keep the version that they were started with.",
  "rule set":
    "Quick tests keep the version that they were started with; requests are answered by the current one.",
  schedule: "A run keeps the version that it began with.",
};

/** Every version that there was: what it changed, how it differs from others, and back to it. */
export function Versions<Document extends AnyDocument>({ resource, document }: Props<Document>) {
  const query = useQuery(resource.versionsQuery(document.id));
  return (
    <Section
      title="Version history"
      lead={`Every saved change is kept. ${KEPT[resource.noun] ?? ""}`}
    >
      <Loaded query={query} skeleton={<Rows count={2} height={40} />}>
        {(versions) => <List resource={resource} document={document} versions={versions} />}
      </Loaded>
    </Section>
  );
}

function List<Document extends AnyDocument>({
  resource,
  document,
  versions,
}: Props<Document> & { versions: Version[] }) {
  const [search, setSearch] = useSearchParams();
  const current = document.revision;
  const numbered = (name: string) =>
    versions.find(({ revision }) => String(revision) === search.get(name));
  const opened = numbered("version");
  // By itself, an older version is compared with the current one, that one with the one before.
  const usual =
    opened?.revision === current
      ? versions[versions.indexOf(opened) + 1]
      : versions.find(({ revision }) => revision === current);
  const documents = useQuery({ ...resource.listQuery, enabled: opened !== undefined });
  const others = documents.data?.filter(({ id }) => id !== document.id) ?? [];
  const other = others.find(({ id }) => id === search.get("against"));
  const against = other ? undefined : (numbered("against") ?? usual);
  const saving = useSave(resource, {
    id: document.id,
    revision: current,
    onSaved: (saved) => {
      open(null);
      succeeded(`Restored as version ${saved.revision}. The version before stays in the history.`);
    },
  });

  function open(revision: number | null, other?: string | null): void {
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        after.delete("against");
        if (revision === null) after.delete("version");
        else after.set("version", String(revision));
        if (other) after.set("against", other);
        return after;
      },
      { replace: true, preventScrollReset: true },
    );
  }

  const named = (revision: number) =>
    `Version ${revision}${revision === current ? ", current" : ""}`;

  return (
    <>
      <ul className={classes.versions}>
        {versions.map((version) => (
          <li key={version.revision} className={classes.version}>
            <UnstyledButton className={classes.open} onClick={() => open(version.revision)}>
              <span className={classes.number}>
                Version {version.revision}
                {version.revision === current && <span> · current</span>}
              </span>
              <span className={classes.what}>{changed(version)}</span>
              <span className={classes.when} title={moment(String(version.created_at))}>
                {ago(String(version.created_at))}
                {typeof version.created_by === "string" && ` by ${version.created_by}`}
              </span>
            </UnstyledButton>
          </li>
        ))}
      </ul>
      <SaveDialogs resource={resource} saving={saving} />
      <Modal
        opened={opened !== undefined && saving.conflict === null && saving.owned === null}
        onClose={() => open(null)}
        size="xl"
        title={`Version ${opened?.revision}`}
      >
        {opened && (
          <Stack gap="md">
            {!against && !other && <p>This is the only version so far.</p>}
            {(versions.length > 1 || others.length > 0) && (
              <Select
                label="Compared with"
                size="xs"
                maw={320}
                searchable
                value={other?.id ?? (against ? String(against.revision) : null)}
                allowDeselect={false}
                onChange={(value) => open(opened.revision, value)}
                data={[
                  {
                    group: "Versions",
                    items: versions
                      .filter(({ revision }) => revision !== opened.revision)
                      .map(({ revision }) => ({
                        value: String(revision),
                        label: named(revision),
                      })),
                  },
                  {
                    group: `Other ${resource.noun}s`,
                    items: others.map(({ id, name }) => ({ value: id, label: name })),
                  },
                ]}
              />
            )}
            {other && (
              <WhatDiffers
                resource={resource}
                id={document.id}
                pair={{ from_revision: opened.revision, other_id: other.id }}
                before={{ label: `${document.name}, ${named(opened.revision)}`, spec: opened.spec }}
                after={{ label: other.name, spec: other.spec }}
              />
            )}
            {against && <BetweenVersions {...{ resource, document, opened, against, named }} />}
            {saving.fault && <Notice tone="bad">{messageOf(saving.fault)}</Notice>}
            {Object.values(saving.errors).map((message) => (
              <Notice key={message} tone="bad">
                {message}
              </Notice>
            ))}
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={() => open(null)}>
                Close
              </Button>
              {opened.revision !== current && (
                <Button
                  loading={saving.saving}
                  onClick={() =>
                    saving.save({
                      name: document.name,
                      description: document.description,
                      spec: opened.spec as Document["spec"],
                    })
                  }
                >
                  Restore version {opened.revision}
                </Button>
              )}
            </Group>
          </Stack>
        )}
      </Modal>
    </>
  );
}

interface Between<Document extends AnyDocument> extends Props<Document> {
  opened: Version;
  against: Version;
  named: (revision: number) => string;
}

/** Two versions, the earlier one first. */
function BetweenVersions<Document extends AnyDocument>(props: Between<Document>) {
  const { resource, document, opened, against, named } = props;
  const [before, after] =
    opened.revision < against.revision ? [opened, against] : [against, opened];
  return (
    <WhatDiffers
      resource={resource}
      id={document.id}
      pair={{ from_revision: before.revision, to_revision: after.revision }}
      before={{ label: named(before.revision), spec: before.spec }}
      after={{ label: named(after.revision), spec: after.spec }}
    />
  );
}

/** What a version changed of the one before, in a line. */
function changed({ changes }: Version): string {
  if (!changes) return "first version";
  const [first, ...more] = changes;
  if (first === undefined) return "same as the version before";
  return more.length === 0 ? first : `${first}, and ${plural(more.length, "more change")}`;
}
