import { Button, Group, Modal, Select } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconColumns2,
  IconDownload,
  IconGitCompare,
  IconGridDots,
  IconPencil,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { comparisonCsv, comparisonQuery } from "@/api/comparing";
import { quickTests } from "@/api/quickTests";
import type { Comparison } from "@/api/schema";
import { inOrder, metricOf } from "@/results/metrics";
import { download } from "@/ui/download";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import { failed } from "@/ui/toast";
import { chosenIds, withParams } from "./chosen";
import { Differing } from "./Differing";
import { ForWhom } from "./ForWhom";
import { Ranking } from "./Ranking";
import { TestPicker } from "./TestPicker";

/** `/compare?tests=ID,ID&metric=NAME` */
export default function ComparePage() {
  const [search, setSearch] = useSearchParams();
  const ids = chosenIds(search);
  const [changing, { open, close }] = useDisclosure(false);
  const choose = (chosen: string[]): void => {
    close();
    setSearch(withParams(search, { tests: chosen.join(",") }));
  };
  return (
    <Page
      title="Compare"
      lead="Tests side by side: how they differ, and which one is better."
      wide
      actions={
        <>
          <Button
            component={Link}
            to="/compare/heatmap"
            variant="default"
            leftSection={<IconGridDots size={16} />}
          >
            Heatmap
          </Button>
          {ids.length > 1 && (
            <Button variant="default" leftSection={<IconPencil size={16} />} onClick={open}>
              Change selection
            </Button>
          )}
        </>
      }
    >
      {ids.length > 1 ? (
        <Compared
          ids={ids}
          metric={search.get("metric")}
          onMetric={(metric) => setSearch(withParams(search, { metric }), { replace: true })}
        />
      ) : (
        <Choose first={ids} onChoose={choose} />
      )}
      <Modal opened={changing} onClose={close} title="Tests to compare" size="xl">
        <TestPicker first={ids} onChoose={choose} />
      </Modal>
    </Page>
  );
}

function Choose({ first, onChoose }: { first: string[]; onChoose: (ids: string[]) => void }) {
  const all = useQuery(quickTests.listQuery).data;
  const completed = all?.filter(({ status }) => status.state === "completed").length ?? 2;
  if (completed < 2) {
    return (
      <EmptyState
        icon={<IconGitCompare size={24} stroke={1.5} />}
        title="Comparing needs two completed tests"
        action={
          <Button component={Link} to="/tests/new">
            Start a quick test
          </Button>
        }
      >
        Then you see here how they differ, and whether one is better than the other by more than
        chance: both are evaluated on the same purchases, paired by customer.
      </EmptyState>
    );
  }
  return (
    <Section
      title="Select tests"
      lead="Select two or more. Only tests that were evaluated on the same purchases are ranked against each other; others are shown separately, with the reason."
    >
      <TestPicker first={first} onChoose={onChoose} />
    </Section>
  );
}

interface ComparedProps {
  ids: string[];
  metric: string | null;
  onMetric: (metric: string | null) => void;
}

function Compared({ ids, metric, onMetric }: ComparedProps) {
  const body = { quick_test_ids: ids, metric, base: null };
  const query = useQuery(comparisonQuery(body));
  const save = async (): Promise<void> => {
    try {
      download("comparison.csv", await comparisonCsv(body), "text/csv");
    } catch (fault) {
      failed("The CSV file could not be created.", fault);
    }
  };
  return (
    <Loaded query={query} skeleton={<Rows count={4} height={96} />}>
      {(made) => (
        <>
          <Group mb="lg" gap="sm" align="flex-end">
            <Select
              label="Ranked by"
              data={metricsOf(made).map((name) => ({
                value: name,
                label: `${metricOf(name).words} (${metricOf(name).term})`,
              }))}
              value={made.metric}
              onChange={onMetric}
              allowDeselect={false}
              w={430}
              maw="100%"
              styles={{ input: { textOverflow: "ellipsis" } }}
            />
            <Button
              component={Link}
              to={`/compare/heatmap?tests=${ids.join(",")}`}
              variant="default"
              leftSection={<IconGridDots size={16} />}
            >
              As a heatmap
            </Button>
            <Button
              component={Link}
              to={`/compare/lists?tests=${ids.slice(0, 2).join(",")}`}
              variant="default"
              leftSection={<IconColumns2 size={16} />}
            >
              {ids.length === 2 ? "Their lists" : "The first two's lists"}
            </Button>
            <Button
              variant="default"
              leftSection={<IconDownload size={16} />}
              onClick={() => void save()}
            >
              CSV
            </Button>
          </Group>
          {made.groups.map((group, place) => (
            <Ranking
              key={group.rows[0]?.quick_test_id}
              group={group}
              metric={made.metric}
              number={made.groups.length > 1 ? place + 1 : null}
            />
          ))}
          {made.groups
            .filter((group) => group.rows.length > 1)
            .map((group) => (
              <ForWhom key={group.rows[0]?.quick_test_id} group={group} metric={made.metric} />
            ))}
          <Differing comparison={made} />
          {made.left_out.length > 0 && (
            <Section title="Left out">
              {made.left_out.map((test) => (
                <Notice key={test.quick_test_id} title={test.name}>
                  {test.reason}
                </Notice>
              ))}
            </Section>
          )}
        </>
      )}
    </Loaded>
  );
}

function metricsOf(made: Comparison): string[] {
  const rows = made.groups.flatMap((group) => group.rows);
  return inOrder([...new Set(rows.flatMap((row) => Object.keys(row.metrics)))]);
}
