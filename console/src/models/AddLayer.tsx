import { Button, Menu } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { catalogue } from "@/api/catalogue";
import { meaningVariables } from "@/theme/meaning";
import { lower } from "@/ui/format";
import classes from "./AddLayer.module.css";
import { initialLayer, layerMeaning, PARTS, type Part } from "./layers";

/** The kinds of layers, each with what it does; a new one comes before the output layer. */
export function AddLayer({ part, onAdd }: { part: Part; onAdd: (kind: string) => void }) {
  return (
    <Menu position="bottom-start" width={320} shadow="md">
      <Menu.Target>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconPlus size={15} />}
          aria-label={`Add a layer to the ${lower(PARTS[part].name)}`}
        >
          Add a layer
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {catalogue().layers.map(({ name, label, keras, help }) => (
          <Menu.Item key={name} onClick={() => onAdd(name)} className={classes.item}>
            <span
              className={classes.kind}
              style={meaningVariables(layerMeaning(initialLayer(name), part, false))}
            >
              <span className={classes.name}>
                {label} <span className={classes.term}>{keras === label ? "" : keras}</span>
              </span>
              <span className={classes.description}>{help}</span>
            </span>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
