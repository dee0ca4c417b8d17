import { Checkbox, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { catalogue, inBounds, kindSetting } from "@/api/catalogue";
import { crossQuery } from "@/api/datasets";
import type { Column, Cross, DescribedFeature } from "@/api/schema";
import { count, plural } from "@/ui/format";
import { SettingField } from "@/ui/SettingField";
import { crossName, type Tower } from "../spec";
import { ModalFrame } from "./ModalFrame";
import classes from "./settings.module.css";

interface Props {
  datasetId: string;
  tower: Tower;
  /** Those of the tower. */
  features: DescribedFeature[];
  /** The tower's other crosses. */
  others: Cross[];
  /** The one that is changed; undefined for a new one. */
  cross: Cross | undefined;
  columns: Column[];
  onApply: (cross: Cross) => void;
  onClose: () => void;
}

export function CrossModal(props: Props) {
  const { datasetId, tower, features, others, cross, columns } = props;
  const kind = catalogue().crosses[0];
  const initial = kind?.initial as unknown as Cross;
  const setting = (name: string) => kindSetting("crosses", "cross", name);
  const { label, help, minimum, maximum } = setting("features");
  const [parts, setParts] = useState<string[]>(cross?.features ?? []);
  const [chosen, setChosen] = useState<Partial<Cross>>(cross ?? {});
  const enough = parts.length >= (minimum ?? 1);

  const found = useQuery(
    crossQuery(
      datasetId,
      parts.flatMap((part) => {
        const feature = features.find(({ cross_name }) => cross_name === part);
        return feature ? [{ column: feature.column, buckets: feature.buckets }] : [];
      }),
    ),
  );
  const suggested = enough ? found.data : undefined;
  const made: Cross = {
    features: parts,
    hash_bucket_size:
      chosen.hash_bucket_size ?? suggested?.hash_bucket_size ?? initial.hash_bucket_size,
    embedding_dim: chosen.embedding_dim ?? suggested?.embedding_dim ?? initial.embedding_dim,
  };
  const right = inBounds("crosses", "cross", (name) => made[name as keyof Cross]);
  const twice = others.some((other) => crossName(other) === crossName(made));
  const settled = chosen.hash_bucket_size !== undefined || !found.isLoading;

  return (
    <ModalFrame
      title={cross ? "Cross feature" : "Add a cross feature"}
      tower={tower}
      parts={enough ? [{ name: crossName(made), dim: made.embedding_dim }] : []}
      warning={twice ? "This tower has this cross already." : null}
      apply={cross ? "Apply" : "Add cross"}
      ready={enough && right && !twice && settled}
      onApply={() => props.onApply(made)}
      onClose={props.onClose}
    >
      <p className={classes.note}>{kind?.help}</p>
      <Checkbox.Group label={label} description={help} value={parts} onChange={setParts}>
        <Stack gap={8} mt={8}>
          {features.map(({ column, cross_name: part, buckets }) => {
            if (!part) return null;
            const known = columns.find(({ name }) => name === column)?.statistics;
            const values = buckets ?? known?.unique_count ?? null;
            return (
              <Checkbox
                key={part}
                size="sm"
                value={part}
                label={
                  <>
                    {part}{" "}
                    <span className={classes.note}>
                      {values === null ? "" : plural(values, "value")}
                    </span>
                  </>
                }
                disabled={parts.length >= (maximum ?? parts.length + 1) && !parts.includes(part)}
              />
            );
          })}
        </Stack>
      </Checkbox.Group>
      {(["hash_bucket_size", "embedding_dim"] as const).map((name) => (
        <SettingField
          key={name}
          setting={setting(name)}
          value={made[name]}
          onChange={(value) => setChosen((now) => ({ ...now, [name]: value }))}
          marked={suggested && { value: suggested[name], word: "suggested" }}
        >
          {setting(name).help}
          {name === "hash_bucket_size" &&
            suggested &&
            ` There are at most ${plural(suggested.combinations, "combination")} of ${suggested.values
              .map((values) => (values === null ? "?" : count(values)))
              .join(" × ")} values.`}
        </SettingField>
      ))}
    </ModalFrame>
  );
}
