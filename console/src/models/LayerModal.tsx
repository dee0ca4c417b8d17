import { Button, Group, Stack } from "@mantine/core";
import { useState } from "react";
import { settingOf, settingsOf } from "@/api/catalogue";
import { Dialog } from "@/ui/Dialog";
import { lower } from "@/ui/format";
import { SettingField } from "@/ui/SettingField";
import classes from "./LayerModal.module.css";
import { type Layer, layerKind, PARTS, type Part, settable } from "./layers";

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
  const kind = layerKind(layer.type);
  const where = lower(PARTS[part].name);
  const name = kind?.label ?? layer.type;
  // The rating is one number, as it is: there is no width and no activation to choose.
  const rating = output && part === "rating";
  const fixed = rating ? ["units", "activation"] : [];
  const settings = settingsOf("layers", layer.type).filter(
    (setting) => !fixed.includes(setting.name),
  );
  return (
    <Dialog
      onClose={onClose}
      size="lg"
      title={
        <>
          {adding ? `Add a layer: ${name}` : output ? `Output layer of the ${where}` : name}{" "}
          <span className={classes.term}>{kind && kind.keras !== name ? kind.keras : ""}</span>
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
          {!output && <p className={classes.what}>{kind?.help}</p>}
          {rating && (
            <p className={classes.note}>
              The rating head ends in one number, the rating, without an activation: the loss needs
              it as it is. With binary cross-entropy, the served model turns it into a probability.
            </p>
          )}
          {settings.length === 0 && <p className={classes.note}>It has no settings.</p>}
          {settings.map((setting) => {
            const width = output && inStep && setting.name === kind?.named_by;
            return (
              <SettingField
                key={setting.name}
                setting={width ? settingOf("model_config", "output_embedding_dim") : setting}
                value={now[setting.name as keyof Layer]}
                onChange={(value) => setNow({ ...now, [setting.name]: value } as Layer)}
              >
                {width && "Both towers end in the same width: the other one is changed with it."}
              </SettingField>
            );
          })}
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
    </Dialog>
  );
}
