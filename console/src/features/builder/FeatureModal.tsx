import { SegmentedControl } from "@mantine/core";
import { useState } from "react";
import type { Column, EmbeddingRecommendation } from "@/api/schema";
import { embedding, type Feature, featureParts, numeric, type Tower } from "../spec";
import { ModalFrame } from "./ModalFrame";
import { NumericSettings } from "./NumericSettings";
import { StringSettings } from "./StringSettings";
import { TimestampSettings } from "./TimestampSettings";

export interface Widths {
  at_least: number;
  below?: number | null;
  embedding_dim: number;
}

interface Props {
  tower: Tower;
  feature: Feature;
  column: Column | undefined;
  recommendation: EmbeddingRecommendation | undefined;
  widths: Widths[];
  onApply: (feature: Feature) => void;
  onClose: () => void;
}

/** Settings of one feature: a draft until it is applied. */
export function FeatureModal(props: Props) {
  const { column, recommendation, widths } = props;
  const [feature, setFeature] = useState(props.feature);
  const parts = featureParts(feature);
  return (
    <ModalFrame
      title={`Settings of ${feature.column}`}
      tower={props.tower}
      column={column}
      parts={parts}
      warning={parts.length === 0 ? "Choose at least one: now it adds nothing to the tower." : null}
      apply="Apply"
      onApply={() => props.onApply(feature)}
      onClose={props.onClose}
    >
      {column?.type === "INTEGER" && (
        <SegmentedControl
          aria-label="What the numbers are"
          value={feature.type}
          onChange={(type) =>
            setFeature(
              type === props.feature.type
                ? props.feature
                : type === "numeric"
                  ? numeric(column)
                  : embedding(column, recommendation),
            )
          }
          data={[
            { value: "numeric", label: "Amounts: near numbers are alike" },
            { value: "string_embedding", label: "Ids: each number stands for itself" },
          ]}
        />
      )}
      {feature.type === "string_embedding" && (
        <StringSettings
          feature={feature}
          values={recommendation?.unique_count ?? column?.statistics?.unique_count ?? null}
          recommended={recommendation?.embedding_dim}
          widths={widths}
          onChange={setFeature}
        />
      )}
      {feature.type === "numeric" && (
        <NumericSettings feature={feature} column={column} onChange={setFeature} />
      )}
      {feature.type === "timestamp" && (
        <TimestampSettings feature={feature} onChange={setFeature} />
      )}
    </ModalFrame>
  );
}
