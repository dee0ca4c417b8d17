import { Button, Select } from "@mantine/core";
import { IconDownload, IconGridDots } from "@tabler/icons-react";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { heatmapCsv, latestTestedDataset } from "@/api/comparing";
import { datasets } from "@/api/datasets";
import type { HeatmapRequest } from "@/api/schema";
import { download } from "@/ui/download";
import { EmptyState } from "@/ui/EmptyState";
import { Loaded } from "@/ui/Loaded";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { failed } from "@/ui/toast";
import { chosenIds, withParams } from "./chosen";
import { HeatmapView } from "./HeatmapView";

/** `/compare/heatmap?dataset=ID` or `?tests=ID,ID`, with `metric`, `rows`, `columns`, `group`. */
export default function HeatmapPage() {
  const [search, setSearch] = useSearchParams();
  const ids = chosenIds(search);
  const all = useQuery(datasets.listQuery);
  const asked = search.get("dataset");
  const latest = useQuery({ ...latestTestedDataset, enabled: ids.length === 0 && !asked });
  const dataset = asked ?? latest.data ?? (latest.isPending ? null : (all.data?.[0]?.id ?? null));
  const body: HeatmapRequest = {
    quick_test_ids: ids.length ? ids : null,
    dataset_id: ids.length ? null : dataset,
    metric: search.get("metric"),
    rows: search.get("rows"),
    columns: search.get("columns"),
    group_of: search.get("group"),
  };
  const change = (changes: Record<string, string | null>): void =>
    setSearch(withParams(search, changes), { replace: true });
  const save = async (): Promise<void> => {
    try {
      download("heatmap.csv", await heatmapCsv(body), "text/csv");
    } catch (fault) {
      failed("The CSV file could not be created.", fault);
    }
  };
  const known = ids.length > 0 || dataset !== null;
  return (
    <Page
      title="Heatmap"
      lead={
        ids.length
          ? "The selected tests, by two of their settings."
          : "All completed tests on a dataset, by two of their settings."
      }
      parent={{ label: "Compare", to: ids.length ? `/compare?tests=${ids.join(",")}` : "/compare" }}
      wide
      actions={
        known && (
          <Button
            variant="default"
            leftSection={<IconDownload size={16} />}
            onClick={() => void save()}
          >
            CSV
          </Button>
        )
      }
    >
      {!known ? (
        <Loaded
          query={(latest.isSuccess ? all : latest) as UseQueryResult<unknown>}
          skeleton={<Rows count={1} height={320} />}
        >
          {() => (
            <EmptyState
              icon={<IconGridDots size={24} stroke={1.5} />}
              title="No completed tests yet"
              action={
                <Button component={Link} to="/datasets/new">
                  Add a dataset
                </Button>
              }
            >
              Once there are tests with different settings, a heatmap shows at a glance which
              combination works best.
            </EmptyState>
          )}
        </Loaded>
      ) : (
        <HeatmapView
          body={body}
          change={change}
          first={
            ids.length === 0 && (
              <Select
                label="Dataset"
                data={(all.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
                value={dataset}
                onChange={(value) =>
                  change({ dataset: value, metric: null, rows: null, columns: null, group: null })
                }
                allowDeselect={false}
              />
            )
          }
        />
      )}
    </Page>
  );
}
