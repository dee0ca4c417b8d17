import { Group, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { quickTests, settingsQuery } from "@/api/quickTests";
import type { QuickTestSummary } from "@/api/schema";
import { ParallelCoordinates } from "@/charts/ParallelCoordinates";
import { mainMetric, metricOf } from "@/results/metrics";
import { Loaded } from "@/ui/Loaded";
import list from "@/ui/list.module.css";
import { Rows } from "@/ui/Rows";
import classes from "./charts.module.css";
import { type Column, columnsOf } from "./columns";
import { saidOf } from "./ScatterView";

interface Props {
  tests: QuickTestSummary[];
  columns: Column[];
  metric: string | null;
  onMetric: (key: string | null) => void;
}

/** A line for each test: the settings that differ, then its result. */
export function ParallelView({ tests, columns, metric: wanted, onMetric }: Props) {
  const navigate = useNavigate();
  const metrics = columns.filter(({ key }) => key.startsWith("metric:"));
  const first = tests.find(({ status }) => status.results)?.status.results;
  const main = `metric:${first ? mainMetric(first.metrics) : ""}`;
  const metric =
    metrics.find(({ key }) => key === wanted) ??
    metrics.find(({ key }) => key === main) ??
    metrics[0];
  const settings = columns.filter(({ key, same }) => key.startsWith("setting:") && same === false);
  const measured = tests.filter((test) => metric && metric.value(test) !== null);
  if (!metric || measured.length < 2) {
    return <p className={list.none}>It takes two tests with results to compare their settings.</p>;
  }
  if (settings.length === 0) {
    return <p className={list.none}>These tests have the same settings.</p>;
  }
  const axes = [...settings, metric];
  const values = measured.map((test) => Number(metric.value(test)));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const lower = metricOf(metric.key.replace("metric:", "")).lowerIsBetter;
  const good = (value: number): number => {
    const share = high > low ? (value - low) / (high - low) : 1;
    return lower ? 1 - share : share;
  };
  return (
    <>
      <Group gap="sm" mb="md">
        <Select
          label="Metric"
          data={metrics.map(({ key, label }) => ({ value: key, label }))}
          value={metric.key}
          onChange={onMetric}
          allowDeselect={false}
          searchable
          w={230}
        />
      </Group>
      <ParallelCoordinates
        axes={axes.map((column) => ({
          key: column.key,
          label: column.label,
          said: saidOf(column, measured),
        }))}
        lines={measured.map((test) => ({
          key: test.id,
          label: test.name,
          values: axes.map((column) => column.value(test)),
          good: good(Number(metric.value(test))),
        }))}
        onOpen={(id) => void navigate(quickTests.path(id))}
      />
      <p className={classes.told}>
        The stronger a line, the better its {metricOf(metric.key.replace("metric:", "")).term}; the
        best stands out. What lies close may differ by chance: compare tests to see what is told
        apart.
      </p>
    </>
  );
}

/** The same of the tests of a sweep or a tuning, by their ids. */
export function ParallelOfTests({ ids }: { ids: string[] }) {
  const [metric, setMetric] = useState<string | null>(null);
  const all = useQuery(quickTests.listQuery).data ?? [];
  const query = useQuery(settingsQuery(ids));
  const tests = all.filter(({ id }) => ids.includes(id));
  return (
    <Loaded query={query} skeleton={<Rows count={1} height={360} />}>
      {(settings) => (
        <ParallelView
          tests={tests}
          columns={columnsOf(tests, settings)}
          metric={metric}
          onMetric={setMetric}
        />
      )}
    </Loaded>
  );
}
