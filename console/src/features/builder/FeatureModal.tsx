import { SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { inBounds, labelOf } from "@/api/catalogue";
import type { Column } from "@/api/schema";
import { describedOf, useDescribed } from "../described";
import { blank, type Feature, featuresField, type Tower } from "../spec";
import { FeatureForm } from "./FeatureForm";
import { ModalFrame } from "./ModalFrame";
import { getAt } from "./paths";

interface Props {
  datasetId: string;
  tower: Tower;
  feature: Feature;
  column: Column | undefined;
  /** Each kind of feature that takes the column, with settings that go with its values. */
  suggested: Feature[];
  /** `crossName`: what crosses can call it now. */
  onApply: (feature: Feature, crossName: string | null) => void;
  onClose: () => void;
}

/** Settings of one feature: a draft until it is applied. */
export function FeatureModal(props: Props) {
  const { datasetId, tower, column, suggested } = props;
  const [feature, setFeature] = useState(props.feature);
  const { described, stale } = useDescribed({
    ...blank(datasetId),
    [featuresField(tower)]: [feature],
  });
  const told = describedOf(described?.[tower], feature.column);
  const kinds = suggested.some(({ type }) => type === feature.type) ? suggested : [];
  const right = inBounds("features", feature.type, (name) => getAt(feature, name));
  const nothing = right && !stale && told?.parts.length === 0;
  return (
    <ModalFrame
      title={`Settings of ${feature.column}`}
      tower={tower}
      column={column}
      parts={told?.parts ?? []}
      warning={
        nothing ? "Turn on at least one transform: as it is, it adds nothing to the tower." : null
      }
      apply="Apply"
      ready={right && !stale}
      onApply={() => props.onApply(feature, told?.cross_name ?? null)}
      onClose={props.onClose}
    >
      {kinds.length > 1 && (
        <SegmentedControl
          aria-label="Kind of feature"
          value={feature.type}
          onChange={(type) => {
            const other = kinds.find((one) => one.type === type);
            if (other) setFeature(type === props.feature.type ? props.feature : other);
          }}
          data={kinds.map(({ type }) => ({ value: type, label: labelOf("features", type) }))}
        />
      )}
      <FeatureForm
        feature={feature}
        suggested={suggested.find(({ type }) => type === feature.type)}
        described={told}
        onChange={setFeature}
      />
    </ModalFrame>
  );
}
