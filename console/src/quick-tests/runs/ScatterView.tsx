import { Group, Select } from "@mantine/core";
import { useNavigate } from "react-router";
import { quickTests } from "@/api/quickTests";
import type { QuickTestSummary } from "@/api/schema";
import { Scatter } from "@/charts/Scatter";
import { mainMetric, metricOf, said } from "@/results/metrics";
import { exact } from "@/ui/format";
import list from "@/ui/list.module.css";
import type { Column } from "./columns";

interface Props {
  tests: QuickTestSummary[];
  columns: Column[];
  x: string | null;
  y: string | null;
  onChange: (changes: { x?: string | null; y?: string | null }) => void;
}

/** Any setting against any metric. */
export function ScatterView({ tests, columns, x, y, onChange }: Props) {
  const navigate = useNavigate();
  const across = columns.filter(({ key }) => !["state", "verdict", "note"].includes(key));
  const up = columns.filter(({ key }) => key.startsWith("metric:"));
  const metric = up.find(({ key }) => key === y) ?? up.find(isMain(tests)) ?? up[0];
  const setting = across.find(({ key }) => key === x) ?? firstSetting(across);
  if (!metric || !setting) return <p className={list.none}>No test here has a result yet.</p>;
  const name = metric.key.replace("metric:", "");
  const dots = tests.flatMap((test) => {
    const [at, value] = [setting.value(test), metric.value(test)];
    if (at === null || typeof value !== "number") return [];
    return [
      {
        key: test.id,
        label: test.name,
        across: setting.text(test),
        x: at,
        y: value,
        interval: metric.interval?.(test) ?? null,
        main: test.marks.pinned,
      },
    ];
  });
  return (
    <>
      <Group gap="sm" mb="md">
        <Select
          label="Metric"
          data={up.map(({ key, label }) => ({ value: key, label }))}
          value={metric.key}
          onChange={(value) => onChange({ y: value })}
          allowDeselect={false}
          searchable
          w={230}
        />
        <Select
          label="Against"
          data={grouped(across)}
          value={setting.key}
          onChange={(value) => onChange({ x: value })}
          allowDeselect={false}
          searchable
          w={260}
        />
      </Group>
      {dots.length === 0 ? (
        <p className={list.none}>None of these tests has both.</p>
      ) : (
        <Scatter
          dots={dots}
          xLabel={setting.label}
          yLabel={`${metricOf(name).term}, with its 95% interval`}
          saidX={saidOf(setting, tests)}
          saidY={(value) => said(name, value)}
          onOpen={(id) => void navigate(quickTests.path(id))}
        />
      )}
    </>
  );
}

/** Numbers of a column on an axis, as its cells have them. */
export function saidOf(column: Column, tests: QuickTestSummary[]): (value: number) => string {
  const { key } = column;
  if (key.startsWith("metric:")) return (value) => said(key.replace("metric:", ""), value);
  if (key === "started") return (value) => new Date(value).toLocaleDateString("en-GB");
  if (key === "duration") return (value) => `${exact(Math.round(value))} s`;
  const texts = new Map(tests.map((test) => [column.value(test), column.text(test)]));
  return (value) => texts.get(value) ?? exact(Number(value.toPrecision(6)));
}

function isMain(tests: QuickTestSummary[]): (column: Column) => boolean {
  const results = tests.find(({ status }) => status.results)?.status.results;
  const main = results ? mainMetric(results.metrics) : null;
  return ({ key }) => key === `metric:${main}`;
}

/** The first setting that differs, of those with a scale before others. */
function firstSetting(columns: Column[]): Column | undefined {
  const differing = columns.filter(({ key, same }) => key.startsWith("setting:") && !same);
  return (
    differing.find(({ numeric }) => numeric) ??
    differing.find(({ group }) => group === "Model") ??
    differing[0] ??
    columns.find(({ key }) => key === "duration")
  );
}

function grouped(columns: Column[]) {
  const groups = [...new Set(columns.map(({ group }) => group))];
  return groups.map((group) => ({
    group,
    items: columns
      .filter((column) => column.group === group)
      .map(({ key, label }) => ({ value: key, label })),
  }));
}
