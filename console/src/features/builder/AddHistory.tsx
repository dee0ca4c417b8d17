import { Button, Menu } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { pastKind } from "@/api/catalogue";
import type { FeatureConfigSpec } from "@/api/schema";
import { lower } from "@/ui/format";
import { historyColumns } from "../spec";
import classes from "./TowerPanel.module.css";

interface Props {
  spec: FeatureConfigSpec;
  onAdd: (column: string) => void;
}

/** Past purchases as a feature, over the columns of which the product tower has a table. */
export function AddHistory({ spec, onAdd }: Props) {
  const kind = pastKind();
  const columns = historyColumns(spec);
  if (!kind) return null;
  if (columns.length === 0) {
    const there = spec.buyer_model_features.some(({ type }) => type === kind.name);
    return there ? null : (
      <p className={classes.note}>
        {kind.label}: {kind.help} It needs a column that the product tower embeds.
      </p>
    );
  }
  return (
    <Menu position="bottom-start" width={320}>
      <Menu.Target>
        <Button variant="subtle" size="xs" leftSection={<IconHistory size={15} />}>
          Add {lower(kind.label)}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{kind.help} By its:</Menu.Label>
        {columns.map((column) => (
          <Menu.Item key={column} onClick={() => onAdd(column)}>
            {column}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
