import { Group, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { ComparedGroup, SegmentComparison } from "@/api/schema";
import { segmentPairQuery } from "@/api/segments";
import { said, saidDifference } from "@/results/metrics";
import { type Column, SegmentTable } from "@/results/SegmentTable";
import { VerdictSign } from "@/results/VerdictSign";
import { Loaded } from "@/ui/Loaded";
import { Notice } from "@/ui/Notice";
import { Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";

interface Props {
  /** At least two tests that were measured alike. */
  group: ComparedGroup;
  metric: string;
}

/** Two tests of a group by segment, paired by customer. */
export function ForWhom({ group, metric }: Props) {
  const ids = group.rows.map((row) => row.quick_test_id);
  const [chosen, setChosen] = useState<string | null>(null);
  const [held, setHeld] = useState<string | null>(null);
  const one = chosen && ids.includes(chosen) ? chosen : (ids[0] as string);
  const others = ids.filter((id) => id !== one);
  const base = held && others.includes(held) ? held : (others[0] as string);
  const query = useQuery(segmentPairQuery({ quick_test_id: one, base_id: base, metric }));
  const data = group.rows.map((row) => ({ value: row.quick_test_id, label: row.label }));
  return (
    <Section
      title="For whom"
      lead={
        query.data?.splits.length
          ? `Two tests by segment, paired by customer. ${query.data.told}`
          : undefined
      }
    >
      {ids.length > 2 && (
        <Group mb="md" gap="sm">
          <Select
            label="Test"
            data={data}
            value={one}
            onChange={setChosen}
            allowDeselect={false}
            w={300}
          />
          <Select
            label="Compared with"
            data={data.filter(({ value }) => value !== one)}
            value={base}
            onChange={setHeld}
            allowDeselect={false}
            w={300}
          />
        </Group>
      )}
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

function columnsOf(found: SegmentComparison): Column[] {
  const { metric } = found;
  return [
    { key: "test", head: found.label, cell: (row) => said(metric, row.value) },
    { key: "base", head: found.base_label, cell: (row) => said(metric, row.against[0]?.value) },
    {
      key: "difference",
      head: "Difference",
      cell: (row) => {
        const against = row.against[0];
        if (!against?.difference) return "–";
        return (
          <>
            {saidDifference(metric, against.difference)}
            {against.verdict && (
              <VerdictSign
                metric={metric}
                verdict={against.verdict}
                difference={against.difference}
              />
            )}
          </>
        );
      },
    },
  ];
}
