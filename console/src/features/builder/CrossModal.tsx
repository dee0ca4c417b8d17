import { Checkbox, Stack } from "@mantine/core";
import { useState } from "react";
import type { Column, Cross } from "@/api/schema";
import { count } from "@/ui/format";
import { Term } from "@/ui/Term";
import {
  crossable,
  crossName,
  type Feature,
  recommendedHashSize,
  type Tower,
  valuesOf,
} from "../spec";
import { DimensionInput } from "./DimensionInput";
import { ModalFrame } from "./ModalFrame";
import classes from "./settings.module.css";

const MOST_PARTS = 3;
const RECOMMENDED_DIM = 16;

interface Props {
  tower: Tower;
  features: Feature[];
  /** The tower's other crosses. */
  others: Cross[];
  /** The one that is changed; undefined for a new one. */
  cross: Cross | undefined;
  columns: Column[];
  onApply: (cross: Cross) => void;
  onClose: () => void;
}

export function CrossModal({ tower, features, others, cross, columns, ...on }: Props) {
  const [parts, setParts] = useState<string[]>(cross?.features ?? []);
  const [chosenSize, setSize] = useState<number | null>(cross?.hash_bucket_size ?? null);
  const [dim, setDim] = useState(cross?.embedding_dim ?? RECOMMENDED_DIM);

  const counts = parts.map((part) => valuesOf(part, features, columns));
  const recommended = recommendedHashSize(counts);
  const size = chosenSize ?? recommended;
  const made: Cross = { features: parts, hash_bucket_size: size, embedding_dim: dim };
  const enough = parts.length >= 2;
  const twice = others.some((other) => crossName(other) === crossName(made));

  return (
    <ModalFrame
      title={cross ? "Cross feature" : "Add a cross feature"}
      tower={tower}
      parts={enough ? [{ name: crossName(made), dim }] : []}
      warning={twice ? "This tower has this cross already." : null}
      apply={cross ? "Apply" : "Add cross"}
      ready={enough && !twice}
      onApply={() => on.onApply(made)}
      onClose={on.onClose}
    >
      <p className={classes.note}>
        A cross is a combination of values as one: what this customer buys in this city, and not in
        another. It helps where the combination says more than its parts.
      </p>
      <Checkbox.Group
        label="Two or three to combine"
        description="Embedded columns of this tower, and numbers in ranges."
        value={parts}
        onChange={setParts}
      >
        <Stack gap={8} mt={8}>
          {crossable(features).map((part) => {
            const values = valuesOf(part, features, columns);
            return (
              <Checkbox
                key={part}
                size="sm"
                value={part}
                label={
                  <>
                    {part}{" "}
                    <span className={classes.note}>
                      {values === null ? "" : `${count(values)} values`}
                    </span>
                  </>
                }
                disabled={parts.length >= MOST_PARTS && !parts.includes(part)}
              />
            );
          })}
        </Stack>
      </Checkbox.Group>
      <DimensionInput
        label={<Term term="hash bucket size">Rows that the combinations share</Term>}
        description={
          enough
            ? `Recommended: ${count(recommended)} (${counts.map((values) => (values === null ? "?" : count(values))).join(" × ")} combinations, hashed). With fewer rows more combinations share one.`
            : "Choose what to combine first; a size is then recommended."
        }
        value={size}
        onChange={setSize}
        min={100}
        max={100_000}
        usual={[...new Set([1_000, 5_000, 10_000, 50_000, ...(enough ? [recommended] : [])])].sort(
          (a, b) => a - b,
        )}
        recommended={enough ? recommended : undefined}
      />
      <DimensionInput
        label={<Term term="embedding dimension">How many numbers</Term>}
        value={dim}
        onChange={setDim}
        min={4}
        max={64}
        usual={[8, 16, 32, 64]}
        recommended={RECOMMENDED_DIM}
      />
    </ModalFrame>
  );
}
