import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { heatmapQuery } from "@/api/comparing";
import type { Heatmap, HeatmapRequest } from "@/api/schema";
import { HeatmapTable } from "@/charts/HeatmapTable";
import { inOrder, metricOf } from "@/results/metrics";
import { plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Notice } from "@/ui/Notice";
import { Rows } from "@/ui/Rows";
import { Best } from "./Best";
import classes from "./HeatmapView.module.css";

interface Props {
  body: HeatmapRequest;
  change: (changes: Record<string, string | null>) => void;
  /** A selector before the others. */
  first?: ReactNode;
}

/** A heatmap with what to show in it. What was chosen can be changed also where it cannot be shown. */
export function HeatmapView({ body, change, first }: Props) {
  const query = useQuery(heatmapQuery(body));
  const [latest, setLatest] = useState<Heatmap>();
  if (query.data && query.data !== latest) setLatest(query.data);
  // An address may ask for what there is not: then what there is, is asked for, and nothing a
  // second time: it would fail again, and be asked for again, without end.
  const asks = [body.metric, body.rows, body.columns, body.group_of].some(Boolean);
  const plain = useQuery({
    ...heatmapQuery({ ...body, metric: null, rows: null, columns: null, group_of: null }),
    enabled: asks && query.isError && !latest,
  });
  const known = latest ?? plain.data;
  return (
    <>
      <div className={classes.controls}>
        {first}
        {known && <Controls body={body} heatmap={known} change={change} />}
      </div>
      <Loaded query={query} skeleton={<Rows count={1} height={360} />}>
        {(heatmap) =>
          heatmap.cells.length ? (
            <>
              <HeatmapTable heatmap={heatmap} />
              <Best heatmap={heatmap} />
              <p className={classes.note}>{heatmap.note}</p>
            </>
          ) : (
            <Notice title="Nothing to show.">{heatmap.note}</Notice>
          )
        }
      </Loaded>
    </>
  );
}

interface ControlsProps extends Pick<Props, "body" | "change"> {
  /** The latest that could be made: what there is to choose from, and what was taken unasked. */
  heatmap: Heatmap;
}

function Controls({ body, heatmap, change }: ControlsProps) {
  const metric = body.metric ?? heatmap.metric;
  const rows = body.rows ?? heatmap.rows.key;
  const columns = body.columns ?? heatmap.columns.key;
  const shown = heatmap.groups.find((group) => group.shown)?.quick_test_id;
  return (
    <>
      <Select
        label="Metric"
        data={inOrder(heatmap.metrics).map((name) => ({
          value: name,
          label: metricOf(name).term,
        }))}
        value={heatmap.metrics.includes(metric) ? metric : null}
        placeholder="Choose one"
        onChange={(chosen) => change({ metric: chosen })}
        allowDeselect={false}
      />
      <Axis
        label="Rows"
        heatmap={heatmap}
        value={rows}
        onChange={(key) => change(key === columns ? { rows: key, columns: rows } : { rows: key })}
      />
      <Axis
        label="Columns"
        heatmap={heatmap}
        value={columns}
        onChange={(key) =>
          change(key === rows ? { columns: key, rows: columns } : { columns: key })
        }
      />
      {heatmap.groups.length > 1 && (
        <Select
          label="Evaluated on"
          data={heatmap.groups.map((group) => ({
            value: group.quick_test_id,
            label: `${group.measured} (${plural(group.tests, "test")})`,
          }))}
          value={
            heatmap.groups.some((g) => g.quick_test_id === body.group_of)
              ? body.group_of
              : (shown ?? null)
          }
          onChange={(group) => change({ group })}
          allowDeselect={false}
          className={classes.wide}
        />
      )}
    </>
  );
}

interface AxisProps {
  label: string;
  heatmap: Heatmap;
  value: string;
  onChange: (key: string) => void;
}

function Axis({ label, heatmap, value, onChange }: AxisProps) {
  const { dimensions, rows, columns } = heatmap;
  const known = dimensions.some(({ key }) => key === value);
  const axis = [rows, columns].find(({ key }) => key === value);
  return (
    <Select
      label={label}
      data={[
        ...(known ? [] : [{ value, label: axis?.label ?? value }]),
        ...dimensions.map(({ key, label: name, values }) => ({
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
