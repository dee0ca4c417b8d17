import { MantineProvider } from "@mantine/core";
import { render, screen, within } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { expect, test } from "vitest";
import type { ScheduledRun } from "@/api/schema";
import { Runs } from "./Runs";

const RUN: ScheduledRun = {
  ...{ due_at: "2026-01-05T03:00:00Z", started_at: "2026-01-05T03:00:10Z", stage: "ended" },
  ...{ by_hand: false, missed: 0, revision: 1, sentence: "" },
} as ScheduledRun;

function rows(runs: ScheduledRun[]) {
  render(
    <MantineProvider>
      <MemoryRouter>
        <Runs runs={runs} />
      </MemoryRouter>
    </MantineProvider>,
  );
  return screen.getAllByRole("row").slice(1);
}

test("a run says what came of it, and how the new version compares, with the interval", () => {
  const [row] = rows([
    {
      ...RUN,
      ...{ outcome: "promoted", quick_test_id: "qt-1", version: 4, champion_version: 3 },
      sentence: "Version 4 is in production.",
      verdict: {
        ...{ standing: "better", metric: "recall_at_100", value: 0.5, previous: 0.4 },
        ...{ difference: { low: 0.05, high: 0.15 }, reasons: [], needs_reason: false },
        sentence: "",
      },
    },
  ]);
  const told = within(row as HTMLElement);
  expect(told.getByText("Promoted")).toBeInTheDocument();
  expect(told.getByText("Version 4 is in production.")).toBeInTheDocument();
  expect(told.getByRole("link", { name: "Version 4" })).toHaveAttribute("href", "/tests/qt-1");
  expect(
    told.getByText(/50\.0% against 40\.0% of version 3: \+5\.0 to \+15\.0 points/),
  ).toBeVisible();
});

test("a run by hand that found nothing new has no training", () => {
  const [row] = rows([{ ...RUN, outcome: "unchanged", by_hand: true, missed: 2 }]);
  expect(row).toHaveTextContent("by hand");
  expect(row).toHaveTextContent("2 further times had passed");
  expect(row).toHaveTextContent("Data unchanged");
  expect(within(row as HTMLElement).queryByRole("link")).toBeNull();
});
