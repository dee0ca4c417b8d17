import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { expect, test } from "vitest";
import type { Heatmap } from "@/api/schema";
import { HeatmapTable } from "./HeatmapTable";

/** Tests `t0`, `t1`, … in one row, of which the `leading` cannot be told apart from the best. */
function shown(values: number[], leading: number[], lower_is_better = false): (string | null)[] {
  const axis = (key: string, names: string[]) => ({ key, label: key, values: names });
  const cells = values.map((value, column) => ({
    ...{ row: 0, column, value, low: value, high: value, interval: null, count: 1, best: false },
    ...{ quick_test_id: `t${column}`, quick_test_ids: [`t${column}`] },
  }));
  const heatmap = {
    ...{ metric: lower_is_better ? "rmse" : "recall_at_100", metric_label: "", lower_is_better },
    ...{ rows: axis("Epochs", ["2"]), columns: axis("Size", values.map(String)), cells },
    verdict: {
      ...{ best: null, beats_baselines: false, any_beats_baselines: false },
      leading: leading.map((column) => `t${column}`),
    },
  } as unknown as Heatmap;
  render(
    <MantineProvider>
      <MemoryRouter>
        <HeatmapTable heatmap={heatmap} />
      </MemoryRouter>
    </MantineProvider>,
  );
  return screen.getAllByRole("link").map((cell) => cell.getAttribute("data-step"));
}

test("what cannot be told apart from the best value has its colour, and nothing else has", () => {
  expect(shown([0.1, 0.29, 0.3, 0.4], [3, 2])).toEqual(["0", "3", "6", "6"]);
  expect(screen.getByText(/Darkest: cannot be told apart/)).toBeInTheDocument();
});

test("a clear best is alone in the darkest colour, however close the next is", () => {
  expect(shown([0.1, 0.399, 0.4], [2])).toEqual(["0", "5", "6"]);
});

test("where nothing can be told apart, everything looks alike, and it is said", () => {
  expect(shown([0.1, 0.2], [1, 0])).toEqual(["6", "6"]);
  expect(screen.getByText(/No combination can be told apart/)).toBeInTheDocument();
});

test("of an error the smallest is the darkest", () => {
  expect(shown([1, 2, 3], [0], true)).toEqual(["6", "2", "0"]);
});
