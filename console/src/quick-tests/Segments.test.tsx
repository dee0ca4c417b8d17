import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { SegmentTable } from "@/api/schema";
import { segmentsQuery } from "@/api/segments";
import { Segments } from "./Segments";

const METRIC = "recall_at_100";

function shown(found: Partial<SegmentTable>): void {
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  const whole = {
    key: "",
    label: "All purchases",
    rule: "",
    rows: 12_000,
    customers: 200,
    value: 0.25,
    interval: null,
    against: [
      { name: "popularity", label: "What is popular", value: 0.2, difference: null, verdict: null },
    ],
  };
  client.setQueryData(segmentsQuery("t", null).queryKey, {
    metric: METRIC,
    metric_label: "Recall@100",
    lower_is_better: false,
    metrics: [METRIC],
    whole,
    splits: [],
    told: "Corrected.",
    reason: null,
    ...found,
  } as SegmentTable);
  render(
    <MantineProvider>
      <QueryClientProvider client={client}>
        <Segments id="t" />
      </QueryClientProvider>
    </MantineProvider>,
  );
}

test("a segment has its size, its value with the interval, and its baselines with a verdict", () => {
  shown({
    splits: [
      {
        name: "customers",
        label: "Customers",
        help: "By their training purchases.",
        rows: [
          {
            key: "new",
            label: "New",
            rule: "1 to 4 training purchases",
            rows: 2_000,
            customers: 120,
            value: 0.1,
            interval: { low: 0.08, high: 0.12 },
            against: [
              {
                name: "popularity",
                label: "What is popular",
                value: 0.2,
                difference: { low: -0.12, high: -0.08 },
                verdict: "worse",
              },
            ],
          },
        ],
      },
    ],
  });
  const row = screen.getByRole("row", { name: /^New/ });
  const cells = within(row).getAllByRole("cell");
  expect(cells.map((cell) => cell.textContent)).toEqual([
    "2,000",
    "120",
    "10.0%",
    "8.0–12.0%",
    "20.0%▼",
  ]);
  expect(within(row).getByRole("img", { name: "The model is: worse" })).toBeVisible();
  expect(screen.getByRole("row", { name: /^All purchases/ })).toBeVisible();
  expect(screen.getByText(/Corrected\./)).toBeVisible();
});

test("a test of before there were segments says so", () => {
  shown({ reason: "Run it again to see them." });
  expect(screen.getByText("Run it again to see them.")).toBeVisible();
  expect(screen.queryByRole("table")).toBeNull();
});
