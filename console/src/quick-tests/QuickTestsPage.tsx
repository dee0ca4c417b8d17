import { Button, Group } from "@mantine/core";
import { IconFlask, IconPlayerPlay } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { quickTests } from "@/api/quickTests";
import type { QuickTest } from "@/api/schema";
import { useNotDeleted } from "@/editing/useDelete";
import { EmptyState } from "@/ui/EmptyState";
import { plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { Filters, useFilters } from "./Filters";
import classes from "./QuickTestsPage.module.css";
import { TestRow } from "./TestRow";

const AT_ONCE = 50;

export default function QuickTestsPage() {
  const query = useQuery(quickTests.listQuery);
  const start = (
    <Button component={Link} to="/tests/new" leftSection={<IconPlayerPlay size={16} />}>
      Start a quick test
    </Button>
  );
  return (
    <Page
      title="Quick tests"
      lead="Features and a model, trained on a sample and evaluated on held-out purchases."
      actions={query.data?.length ? start : undefined}
      wide
    >
      <Loaded query={query} skeleton={<Rows height={84} count={6} />}>
        {(all) => (all.length === 0 ? <Empty start={start} /> : <List all={all} />)}
      </Loaded>
    </Page>
  );
}

function Empty({ start }: { start: React.ReactNode }) {
  return (
    <EmptyState
      icon={<IconFlask size={24} stroke={1.5} />}
      title="Find out in minutes whether it works"
      action={start}
    >
      A quick test trains a model on a sample of your customers, holds out their latest purchases,
      and measures how often the model would have recommended them. You see the result with its
      confidence interval, compared with simple baselines, and can try the recommendations.
    </EmptyState>
  );
}

function List({ all: stored }: { all: QuickTest[] }) {
  const all = useNotDeleted(quickTests, stored);
  const { filters, order, change, shown: select } = useFilters();
  const [limit, setLimit] = useState(AT_ONCE);
  const [chosen, setChosen] = useState<string[]>([]);
  const found = select(all);
  const shown = found.slice(0, limit);
  const choose = (id: string, on: boolean): void =>
    setChosen((ids) => (on ? [...ids, id] : ids.filter((other) => other !== id)));

  return (
    <>
      <Filters filters={filters} order={order} change={change} />
      <p className={classes.count} aria-live="polite">
        {found.length === all.length
          ? plural(all.length, "test")
          : `${found.length} of ${plural(all.length, "test")}`}
      </p>
      {found.length === 0 ? (
        <p className={classes.none}>No test matches these filters.</p>
      ) : (
        <ul className={classes.list}>
          {shown.map((test) => (
            <TestRow
              key={test.id}
              test={test}
              chosen={chosen.includes(test.id)}
              onChoose={(on) => choose(test.id, on)}
            />
          ))}
        </ul>
      )}
      {found.length > limit && (
        <Button variant="default" mt="md" onClick={() => setLimit(limit + AT_ONCE)}>
          Show more
        </Button>
      )}
      {chosen.length > 0 && (
        <section className={classes.chosen} aria-label="Selected tests">
          <span>{plural(chosen.length, "test")} selected</span>
          <Group gap="xs">
            <Button variant="subtle" color="gray" onClick={() => setChosen([])}>
              Clear
            </Button>
            <Button
              component={Link}
              to={`/compare?tests=${chosen.join(",")}`}
              disabled={chosen.length < 2}
              data-disabled={chosen.length < 2 || undefined}
              onClick={(event) => chosen.length < 2 && event.preventDefault()}
            >
              Compare
            </Button>
          </Group>
        </section>
      )}
    </>
  );
}
