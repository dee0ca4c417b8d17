import { Button, Checkbox, Group, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { quickTests } from "@/api/quickTests";
import { Headline } from "@/results/Headline";
import { epochWords, sampleWords } from "@/results/words";
import { ago, moment, plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Rows } from "@/ui/Rows";
import classes from "./TestPicker.module.css";

interface Props {
  first: string[];
  onChoose: (ids: string[]) => void;
}

const MOST = 100;

/** Completed tests to choose from. */
export function TestPicker({ first, onChoose }: Props) {
  const query = useQuery(quickTests.listQuery);
  const [chosen, setChosen] = useState(first);
  const [search, setSearch] = useState("");
  const wanted = search.trim().toLowerCase();
  return (
    <Loaded query={query} skeleton={<Rows count={6} height={56} />}>
      {(all) => {
        const completed = all.filter(({ status }) => status.state === "completed");
        const shown = completed.filter(({ name }) => name.toLowerCase().includes(wanted));
        return (
          <>
            <TextInput
              aria-label="Search tests"
              placeholder={`Search ${plural(completed.length, "completed test")}`}
              leftSection={<IconSearch size={16} />}
              value={search}
              onChange={(event) => setSearch(event.currentTarget.value)}
              mb="sm"
              maw={420}
            />
            <ul className={classes.list}>
              {shown.slice(0, MOST).map((test) => (
                <li key={test.id}>
                  <div className={classes.test}>
                    <Checkbox
                      checked={chosen.includes(test.id)}
                      onChange={(event) => {
                        const on = event.currentTarget.checked;
                        setChosen((ids) =>
                          on ? [...ids, test.id] : ids.filter((id) => id !== test.id),
                        );
                      }}
                      aria-label={test.name}
                    />
                    <span className={classes.name}>
                      {test.name}
                      <span className={classes.when} title={moment(test.status.ended_at)}>
                        {ago(test.status.ended_at)} · {sampleWords(test.spec)} · {epochWords(test)}{" "}
                        · {test.id}
                      </span>
                    </span>
                    <Headline test={test} />
                  </div>
                </li>
              ))}
            </ul>
            <Group mt="md" gap="sm">
              <Button disabled={chosen.length < 2} onClick={() => onChoose(chosen)}>
                {chosen.length < 2 ? "Select at least two" : `Compare ${chosen.length} tests`}
              </Button>
            </Group>
          </>
        );
      }}
    </Loaded>
  );
}
