import { Button, Group, Modal, Stack } from "@mantine/core";
import { useState } from "react";
import { DenseForm } from "./DenseForm";
import classes from "./LayerModal.module.css";
import { DropoutForm, LayerNormForm } from "./layerForms";
import { LAYER_KINDS, type Layer, PARTS, type Part } from "./layers";
import { settable } from "./settable";

interface Props {
  layer: Layer;
  part: Part;
  output: boolean;
  /** The layer is being added, not changed. */
  adding: boolean;
  /** Both towers end alike, so that a changed output width goes to the other tower too. */
  inStep: boolean;
  onApply: (layer: Layer) => void;
  onClose: () => void;
}

/** Sets a layer. Nothing changes before it is applied. */
export function LayerModal({ layer, part, output, adding, inStep, onApply, onClose }: Props) {
  const [now, setNow] = useState(layer);
  const { name, term, description } = LAYER_KINDS[layer.type];
  const where = PARTS[part].name.toLowerCase();
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={
        <>
          {adding ? `Add a layer: ${name}` : output ? `Output layer of the ${where}` : name}{" "}
          <span className={classes.term}>{term === name ? "" : term}</span>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          // The page's own form, if any, is not meant.
          event.stopPropagation();
          if (settable(now)) onApply(now);
        }}
      >
        <Stack gap="lg">
          {!output && <p className={classes.what}>{description}</p>}
          {now.type === "dense" && (
            <DenseForm layer={now} part={part} output={output} inStep={inStep} onChange={setNow} />
          )}
          {now.type === "dropout" && <DropoutForm layer={now} onChange={setNow} />}
          {now.type === "layer_norm" && <LayerNormForm layer={now} onChange={setNow} />}
          {now.type === "batch_norm" && (
            <p className={classes.note}>
              There is nothing to set. It learns a scale and an offset for each value, and keeps the
              running mean and variance, which are not trained. When the model is used, it takes
              those, not the batch's.
            </p>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={!settable(now)}>
              {adding ? "Add the layer" : "Apply"}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
