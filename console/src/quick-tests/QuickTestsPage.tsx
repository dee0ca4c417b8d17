import { Button, Group, SegmentedControl } from "@mantine/core";
import { IconFlask, IconPlayerPlay } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import { PAGE } from "@/api/longLists";
import { MOST_SETTINGS, quickTests, settingsQuery } from "@/api/quickTests";
import type { QuickTestSummary } from "@/api/schema";
import { useNotDeleted } from "@/editing/useDelete";
import { MarksDialog } from "@/marks/MarksDialog";
import { NoneFound } from "@/marks/NoneFound";
import { useMark } from "@/marks/useMark";
import { mainMetrics } from "@/results/metrics";
import { EmptyState } from "@/ui/EmptyState";
import { plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { useFirst } from "@/ui/useFirst";
import { Filters, useSelection } from "./Filters";
import classes from "./QuickTestsPage.module.css";
import { ColumnPicker } from "./runs/ColumnPicker";
import { CurvesView } from "./runs/CurvesView";
import { columnsOf, shownColumns, sortedBy } from "./runs/columns";
import { ParallelView } from "./runs/ParallelView";
import { RunsTable } from "./runs/RunsTable";
import { ScatterView } from "./runs/ScatterView";
import { useView, usual, VIEWS, type View } from "./runs/useView";
import { FILTERS } from "./select";
import { TestRow } from "./TestRow";

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
        {(all) =>
          all.length === 0 ? (
            <Empty start={start} />
          ) : (
            <List all={all} more={query.isFetching && all.length === PAGE} />
          )
        }
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

const VIEW_NAMES: Record<View, string> = {
  list: "List",
  table: "Table",
  scatter: "Scatter",
  parallel: "Parallel",
  curves: "Curves",
};

function List({ all: stored, more }: { all: QuickTestSummary[]; more: boolean }) {
  const all = useNotDeleted(quickTests, stored);
  const { filters, set, clear, shown: select } = useSelection();
  const view = useView();
  const [chosen, setChosen] = useState<string[]>([]);
  const found = useMemo(() => select(all), [select, all]);
  const measured = found.filter(({ status }) => status.results);
  const settings = useQuery({
    ...settingsQuery(measured.map(({ id }) => id)),
    enabled: view.view !== "list" && view.view !== "curves" && measured.length > 0,
  }).data;
  const choose = (id: string, on: boolean): void =>
    setChosen((ids) => (on ? [...ids, id] : ids.filter((other) => other !== id)));
  const columns = useMemo(() => columnsOf(found, settings), [found, settings]);
  const keys = view.columns ?? usual(mainMetricsOf(measured));
  const sorted = view.view === "table" ? sortedBy(found, columns, view.sort) : found;
  const [shown, showMore] = useFirst(sorted);
  const paged = view.view === "list" || view.view === "table";

  return (
    <>
      <Filters
        filters={filters}
        set={set}
        tests={all}
        count={[
          found.length === all.length ? "" : `${found.length} of `,
          plural(all.length, "test"),
          more ? ", reading more …" : "",
        ].join("")}
      >
        <SegmentedControl
          aria-label="View"
          data={VIEWS.map((value) => ({ value, label: VIEW_NAMES[value] }))}
          value={view.view}
          onChange={(value) => view.set({ view: value === "list" ? null : value })}
          size="sm"
        />
        {view.view === "table" && (
          <ColumnPicker
            all={columns}
            chosen={keys}
            onChoose={view.choose}
            differing={view.differing}
            onDiffering={(on) => view.set({ differing: on ? "1" : null })}
          />
        )}
      </Filters>
      {found.length === 0 ? (
        <NoneFound
          noun="test"
          archived={FILTERS.every((name) => !filters[name])}
          onShowArchive={() => set({ archived: "1" })}
          onClear={clear}
        />
      ) : view.view === "list" ? (
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
      ) : view.view === "table" ? (
        <RunsTable
          tests={shown}
          columns={shownColumns(columns, keys, view.differing)}
          sort={view.sort}
          onSort={(sort) => view.set({ sort })}
          chosen={chosen}
          onChoose={choose}
        />
      ) : !settings && view.view !== "curves" && measured.length > 0 ? (
        <Rows count={1} height={380} />
      ) : view.view === "scatter" ? (
        <ScatterView tests={measured} columns={columns} x={view.x} y={view.y} onChange={view.set} />
      ) : view.view === "parallel" ? (
        <ParallelView
          tests={measured}
          columns={columns}
          metric={view.y}
          onMetric={(y) => view.set({ y })}
        />
      ) : (
        <CurvesView tests={found} chosen={chosen} />
      )}
      {view.view !== "list" && view.view !== "curves" && measured.length > MOST_SETTINGS && (
        <p className={classes.most}>
          Settings are shown of the first {MOST_SETTINGS} tests with results. Filters narrow them.
        </p>
      )}
      {paged && showMore}
      {chosen.length > 0 && (
        <Selected
          tests={all.filter(({ id }) => chosen.includes(id))}
          onClear={() => setChosen([])}
        />
      )}
    </>
  );
}

/** What most of the tests are ranked by, and whatever else some are. */
function mainMetricsOf(tests: QuickTestSummary[]): string[] {
  return [...new Set(tests.flatMap(({ status }) => mainMetrics(status.results?.metrics ?? {})))];
}

/** What can be done with several tests at once. */
function Selected({ tests, onClear }: { tests: QuickTestSummary[]; onClear: () => void }) {
  const mark = useMark(quickTests);
  const [marking, setMarking] = useState(false);
  const completed = tests.filter(({ status }) => status.state === "completed");
  const archived = tests.every(({ marks }) => marks.archived);
  const few = completed.length < 2;
  return (
    <section className={classes.chosen} aria-label="Selected tests">
      <span>{plural(tests.length, "test")} selected</span>
      <Group gap="xs">
        <Button variant="subtle" color="gray" onClick={onClear}>
          Clear
        </Button>
        <Button variant="default" onClick={() => setMarking(true)}>
          Tags
        </Button>
        <Button
          variant="default"
          onClick={async () => {
            if (await mark(tests, { archived: !archived })) onClear();
          }}
        >
          {archived ? "Take out of the archive" : "Archive"}
        </Button>
        <Button
          component={Link}
          to={`/compare?tests=${completed.map(({ id }) => id).join(",")}`}
          disabled={few}
          data-disabled={few || undefined}
          title={few ? "Comparing takes two completed tests." : undefined}
          onClick={(event) => few && event.preventDefault()}
        >
          Compare
        </Button>
      </Group>
      {marking && (
        <MarksDialog runs={quickTests} chosen={tests} onClose={() => setMarking(false)} />
      )}
    </section>
  );
}
