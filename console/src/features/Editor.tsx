import { Button, Group, Stepper } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { answer, api } from "@/api/client";
import { columnFeaturesQuery, datasets, smartDefaultsQuery } from "@/api/datasets";
import { messageOf, otherErrors } from "@/api/errors";
import { featureConfigs } from "@/api/featureConfigs";
import type { FeatureConfig, FeatureConfigSpec, Problem } from "@/api/schema";
import { ProblemNotice } from "@/editing/ProblemNotice";
import { SaveDialogs } from "@/editing/SaveDialogs";
import { UndoButtons } from "@/editing/UndoButtons";
import { AFTER_SAVING, UnsavedGuard } from "@/editing/UnsavedGuard";
import { useFixed } from "@/editing/useFixed";
import { useSave } from "@/editing/useSave";
import { useUndo } from "@/editing/useUndo";
import { same } from "@/ui/diff";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { failed, succeeded } from "@/ui/toast";
import { BasicInfo } from "./BasicInfo";
import { Builder } from "./builder/Builder";
import type { Draft, Start } from "./draft";
import classes from "./Editor.module.css";
import { SampleVectors } from "./SampleVectors";
import { blank, TOWERS, type Tower } from "./spec";

const CHECK_AFTER_MS = 400;

interface Props {
  title: string;
  /** The config that is edited; undefined for a new one. */
  config?: FeatureConfig;
  initial: Draft;
  initialStart: Start;
}

/** All that undo takes back. */
interface Work {
  draft: Draft;
  start: Start;
  /** What the builder's present content was started from; null while there is none. */
  built: string | null;
}

const EDITED = "edited";

/** The two steps of making or changing a feature config. */
export function Editor({ title, config, initial, initialStart }: Props) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [search, setSearch] = useSearchParams();
  const beginning: Work = { draft: initial, start: initialStart, built: config ? EDITED : null };
  const { value, change, amend, ...undoing } = useUndo(
    config ? `features, revision ${config.revision}` : "features",
    beginning,
  );
  const { draft, start, built } = value;
  const [starting, setStarting] = useState(false);
  const revision = useRef(config?.revision);
  useFixed(withSpec);
  const { spec } = draft;
  const step = search.get("step") === "columns" && built !== null ? 1 : 0;
  const dirty = !same(draft, initial);

  const all = useQuery(datasets.listQuery);
  const dataset = all.data?.find(({ id }) => id === spec.dataset_id);
  const known = (dataset?.status.columns.length ?? 0) > 0;
  const suggestions = useQuery({ ...columnFeaturesQuery(spec.dataset_id), enabled: known });
  const [judged] = useDebouncedValue(spec, CHECK_AFTER_MS);
  const verdict = useQuery({
    queryKey: ["feature-configs", "validate", config?.id ?? null, judged],
    queryFn: ({ signal }) =>
      answer(
        api.POST("/api/feature-configs/validate/", {
          body: { spec: judged, id: config?.id },
          signal,
        }),
      ),
    enabled: step === 1 && known,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  });

  const saving = useSave(featureConfigs, {
    id: config?.id,
    revision: revision.current,
    onSaved: (saved) => {
      succeeded(`“${saved.name}” has been saved.`);
      return navigate(featureConfigs.path(saved.id), AFTER_SAVING);
    },
  });

  function withSpec(spec: FeatureConfigSpec): void {
    change((now) => ({ ...now, draft: { ...now.draft, spec } }));
  }

  function go(to: "info" | "columns"): void {
    setSearch((before) => {
      const after = new URLSearchParams(before);
      after.set("step", to);
      return after;
    });
  }

  // A name that was refused is corrected in the first step.
  const refusedName = saving.errors.name ?? saving.errors.description;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new refusal leads back
  useEffect(() => {
    if (refusedName) go("info");
  }, [refusedName]);

  const key = `${spec.dataset_id} ${start.kind} ${start.kind === "clone" ? start.id : ""}`;
  async function proceed(): Promise<void> {
    if (config || built === key) return go("columns");
    setStarting(true);
    try {
      let from = blank(spec.dataset_id);
      if (start.kind === "smart") {
        from = await client.fetchQuery(smartDefaultsQuery(spec.dataset_id));
      } else if (start.kind === "clone") {
        const original = await client.fetchQuery(featureConfigs.query(start.id));
        from = { ...original.spec, dataset_id: spec.dataset_id };
      }
      // What replaces nothing is where the builder begins: no step to take back.
      (built === null ? amend : change)((now) => ({
        ...now,
        draft: { ...now.draft, spec: from },
        built: key,
      }));
      go("columns");
    } catch (fault) {
      failed("The features could not be prepared.", fault);
    } finally {
      setStarting(false);
    }
  }

  async function smartDefaults(): Promise<void> {
    try {
      const from = await client.fetchQuery(smartDefaultsQuery(spec.dataset_id));
      withSpec(from);
    } catch (fault) {
      failed("Smart defaults could not be loaded.", fault);
    }
  }

  const problems = step === 1 ? (verdict.data?.problems ?? []) : [];
  const save = () => saving.save({ ...draft, name: draft.name.trim() });

  return (
    <Page
      title={step === 1 && !config && draft.name.trim() ? `Features: ${draft.name.trim()}` : title}
      parent={
        config
          ? { label: config.name, to: featureConfigs.path(config.id) }
          : { label: "Features", to: "/features" }
      }
      wide
    >
      <UnsavedGuard when={dirty} />
      <SaveDialogs resource={featureConfigs} saving={saving} />
      <Stepper
        active={step}
        onStepClick={(to) => (to === 0 ? go("info") : void proceed())}
        size="sm"
        iconSize={28}
        mb="xl"
        maw={440}
        classNames={{ separator: classes.separator }}
      >
        <Stepper.Step label="Basic info" description="Name and dataset" />
        <Stepper.Step
          label="Columns"
          description="The features of each tower"
          disabled={!draft.name.trim() || !known}
        />
      </Stepper>

      {step === 0 && (
        <BasicInfo
          draft={draft}
          onChange={(changed) => change((now) => ({ ...now, draft: changed }))}
          start={config ? undefined : start}
          onStart={(chosen) => change((now) => ({ ...now, start: chosen }))}
          replaces={built !== null && built !== key && !config}
          datasets={all.data}
          errors={saving.errors}
        />
      )}
      {step === 1 &&
        (dataset && suggestions.data ? (
          <Builder
            columns={dataset.status.columns}
            roles={dataset.spec.column_mapping}
            suggestions={suggestions.data.items}
            spec={spec}
            onChange={withSpec}
            onSmartDefaults={() => void smartDefaults()}
            problems={problems}
            samples={<SampleVectors configId={config?.id} />}
          />
        ) : (
          <Rows count={6} height={64} />
        ))}

      {step === 1 && <General problems={problems} />}
      {[
        ...otherErrors(saving.errors, [
          "name",
          "description",
          ...TOWERS.flatMap((tower: Tower) => [
            `spec.${tower}_model_features`,
            `spec.${tower}_model_crosses`,
          ]),
        ]),
        ...(saving.fault ? [messageOf(saving.fault)] : []),
      ].map((message) => (
        <div key={message} className={classes.notice}>
          <Notice tone="bad">{message}</Notice>
        </div>
      ))}

      <div className={classes.footer}>
        <Button
          component={Link}
          to={config ? featureConfigs.path(config.id) : "/features"}
          variant="subtle"
        >
          Cancel
        </Button>
        <UndoButtons {...undoing} />
        <Group gap="xs" ml="auto" wrap="nowrap">
          {step === 1 && (
            <Button variant="default" onClick={() => go("info")}>
              Back
            </Button>
          )}
          {step === 0 ? (
            <Button
              loading={starting}
              disabled={
                !draft.name.trim() || !known || (start.kind === "clone" && !start.id && !config)
              }
              onClick={() => void proceed()}
            >
              Continue
            </Button>
          ) : (
            <Button loading={saving.saving} onClick={save}>
              {config ? "Save changes" : "Save config"}
            </Button>
          )}
        </Group>
      </div>
    </Page>
  );
}

/** What the API says of the config as a whole. */
function General({ problems }: { problems: Problem[] }) {
  const general = problems.filter(({ path }) => !/_model_(features|crosses)/.test(path));
  return general.map((problem) => (
    <div key={problem.code + problem.path} className={classes.notice}>
      <ProblemNotice problem={problem} path={featureConfigs.path} />
    </div>
  ));
}
