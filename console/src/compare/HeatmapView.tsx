import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { heatmapQuery } from "@/api/comparing";
import type { Heatmap, HeatmapRequest } from "@/api/schema";
import { HeatmapTable } from "@/charts/HeatmapTable";
import { metricOf } from "@/results/metrics";
import { plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Notice } from "@/ui/Notice";
import { Rows } from "@/ui/Rows";
import classes from "./HeatmapView.module.css";

interface Props {
  body: HeatmapRequest;
  change: (changes: Record<string, string | null>) => void;
  /** A selector before the others. */
  first?: ReactNode;
}

const METRICS = [
  ...["recall_at_100", "recall_at_50", "recall_at_10", "recall_at_5"],
  ...["recall_at_100_new", "recall_at_100_repeat", "ndcg_at_10", "mrr"],
  ...["coverage_at_10", "rmse", "mae", "auc", "log_loss"],
];

/** A heatmap with what to show in it. */
export function HeatmapView({ body, change, first }: Props) {
  const query = useQuery(heatmapQuery(body));
  return (
    <Loaded query={query} skeleton={<Rows count={1} height={360} />}>
      {(heatmap) => (
        <>
          <div className={classes.controls}>
            {first}
            <Select
              label="Metric"
              data={[...new Set([heatmap.metric, ...METRICS])].filter(Boolean).map((name) => ({
                value: name,
                label: `${metricOf(name).term}`,
              }))}
              value={heatmap.metric}
              onChange={(metric) => change({ metric })}
              allowDeselect={false}
            />
            <Axis
              label="Rows"
              heatmap={heatmap}
              value={heatmap.rows.key}
              onChange={(rows) =>
                change(
                  rows === heatmap.columns.key ? { rows, columns: heatmap.rows.key } : { rows },
                )
              }
            />
            <Axis
              label="Columns"
              heatmap={heatmap}
              value={heatmap.columns.key}
              onChange={(columns) =>
                change(
                  columns === heatmap.rows.key
                    ? { columns, rows: heatmap.columns.key }
                    : { columns },
                )
              }
            />
            {heatmap.groups.length > 1 && (
              <Select
                label="Measured on"
                data={heatmap.groups.map((group) => ({
                  value: group.quick_test_id,
                  label: `${group.measured} (${plural(group.tests, "test")})`,
                }))}
                value={heatmap.groups.find(({ shown }) => shown)?.quick_test_id ?? null}
                onChange={(group) => change({ group })}
                allowDeselect={false}
                className={classes.wide}
              />
            )}
          </div>
          {heatmap.cells.length ? (
            <HeatmapTable heatmap={heatmap} />
          ) : (
            <Notice title="Nothing to show.">{heatmap.note}</Notice>
          )}
          {heatmap.cells.length > 0 && <p className={classes.note}>{heatmap.note}</p>}
        </>
      )}
    </Loaded>
  );
}

function Axis({
  label,
  heatmap,
  value,
  onChange,
}: {
  label: string;
  heatmap: Heatmap;
  value: string;
  onChange: (key: string) => void;
}) {
  const known = heatmap.dimensions.some(({ key }) => key === value);
  const axis = label === "Rows" ? heatmap.rows : heatmap.columns;
  return (
    <Select
      label={label}
      data={[
        ...(known ? [] : [{ value: axis.key, label: axis.label }]),
        ...heatmap.dimensions.map(({ key, label: name, values }) => ({
          value: key,
          label: values > 1 ? `${name} (${values})` : name,
        })),
      ]}
      value={value}
      onChange={(key) => key && onChange(key)}
      allowDeselect={false}
    />
  );
}
