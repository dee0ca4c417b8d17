import { Button, Checkbox, Popover, Switch, TextInput } from "@mantine/core";
import { IconColumns3, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useAtOnce } from "@/ui/useAtOnce";
import classes from "./ColumnPicker.module.css";
import type { Column } from "./columns";

interface Props {
  all: Column[];
  chosen: string[];
  onChoose: (keys: string[]) => void;
  differing: boolean;
  onDiffering: (on: boolean) => void;
}

/** Which columns the table has. */
export function ColumnPicker({ all, chosen, onChoose, differing, onDiffering }: Props) {
  const [search, setSearch] = useState("");
  const [picked, pick] = useAtOnce(chosen, onChoose);
  const [apart, setApart] = useAtOnce(differing, onDiffering);
  const wanted = search.trim().toLowerCase();
  const found = all.filter(({ label }) => label.toLowerCase().includes(wanted));
  const groups = [...new Set(found.map(({ group }) => group))];
  return (
    <>
      <Popover position="bottom-start" trapFocus returnFocus width={320}>
        <Popover.Target>
          <Button variant="default" leftSection={<IconColumns3 size={16} />}>
            Columns
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label="Columns">
          <TextInput
            aria-label="Find a column"
            placeholder="Find a column"
            leftSection={<IconSearch size={16} />}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
            size="sm"
          />
          <div className={classes.columns}>
            {groups.map((group) => (
              <fieldset key={group} className={classes.group}>
                <legend>{group}</legend>
                {found
                  .filter((column) => column.group === group)
                  .map(({ key, label }) => (
                    <Checkbox
                      key={key}
                      label={label}
                      size="xs"
                      checked={picked.includes(key)}
                      onChange={(event) =>
                        pick(
                          event.currentTarget.checked
                            ? [...picked, key]
                            : picked.filter((other) => other !== key),
                        )
                      }
                    />
                  ))}
              </fieldset>
            ))}
            {found.length === 0 && <p className={classes.none}>No column is called that.</p>}
          </div>
        </Popover.Dropdown>
      </Popover>
      <Switch
        label="Settings that differ"
        checked={apart}
        onChange={(event) => setApart(event.currentTarget.checked)}
      />
    </>
  );
}
