import { Button, Menu } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { meaningVariables } from "@/theme/meaning";
import classes from "./AddLayer.module.css";
import { LAYER_KINDS, type LayerKind, layerMeaning, PARTS, type Part } from "./layers";

const KINDS: LayerKind[] = ["dense", "dropout", "batch_norm", "layer_norm"];

/** The kinds of layers, each with what it does; a new one comes before the output layer. */
export function AddLayer({ part, onAdd }: { part: Part; onAdd: (kind: LayerKind) => void }) {
  return (
    <Menu position="bottom-start" width={320} shadow="md">
      <Menu.Target>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconPlus size={15} />}
          aria-label={`Add a layer to the ${PARTS[part].name.toLowerCase()}`}
        >
          Add a layer
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {KINDS.map((kind) => {
          const { name, term, description, initial } = LAYER_KINDS[kind];
          return (
            <Menu.Item key={kind} onClick={() => onAdd(kind)} className={classes.item}>
              <span
                className={classes.kind}
                style={meaningVariables(layerMeaning(initial, part, false))}
              >
                <span className={classes.name}>
                  {name} <span className={classes.term}>{term === name ? "" : term}</span>
                </span>
                <span className={classes.description}>{description}</span>
              </span>
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}
