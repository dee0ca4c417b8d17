import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { SegmentTable as Table } from "@/api/schema";
import { segmentsQuery } from "@/api/segments";
import { metricOf, said, saidRange } from "@/results/metrics";
import { type Column, SegmentTable } from "@/results/SegmentTable";
import { VerdictSign } from "@/results/VerdictSign";
import { baselineOf } from "@/results/verdict";
import { Loaded } from "@/ui/Loaded";
import { Notice } from "@/ui/Notice";
import { Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";

/** For whom the model is better than simple baselines, and for whom it is worse. */
export function Segments({ id }: { id: string }) {
  const [metric, setMetric] = useState<string | null>(null);
  const query = useQuery(segmentsQuery(id, metric));
  const choices = query.data?.metrics ?? [];
  return (
    <Section
      title="For whom"
      lead={
        query.data?.splits.length
          ? `▲ better than the baseline, ▼ worse, ≈ no clear difference. ${query.data.told}`
          : undefined
      }
      actions={
        choices.length > 1 && (
          <Select
            aria-label="Metric by segment"
            size="xs"
            w={180}
            data={choices.map((name) => ({ value: name, label: metricOf(name).term }))}
            value={query.data?.metric ?? null}
            onChange={setMetric}
            allowDeselect={false}
          />
        )
      }
    >
      <Loaded query={query} skeleton={<Rows count={6} height={36} />}>
        {(found) =>
          found.reason ? (
            <Notice>{found.reason}</Notice>
          ) : (
            <SegmentTable found={found} columns={columnsOf(found)} />
          )
        }
      </Loaded>
    </Section>
  );
}

function columnsOf(found: Table): Column[] {
  const { metric } = found;
  const baselines = found.whole.against.map(({ name, label }) => ({
    key: name,
    head: label,
    title: baselineOf(name).doing,
    cell: (row: Table["whole"]) => {
      const one = row.against.find((against) => against.name === name);
      return (
        <>
          {said(metric, one?.value)}
          {one?.verdict && one.difference && (
            <VerdictSign metric={metric} verdict={one.verdict} difference={one.difference} />
          )}
        </>
      );
    },
  }));
  return [
    { key: "model", head: "This model", cell: (row) => said(metric, row.value) },
    { key: "interval", head: "95% interval", cell: (row) => saidRange(metric, row.interval) },
    ...baselines,
  ];
}
