import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { expect, test } from "vitest";
import { fixesQuery, quickTests } from "@/api/quickTests";
import type { QuickTest, WarningFix } from "@/api/schema";
import { NextStep } from "./NextStep";

const WARNINGS = [
  { code: "low_coverage", path: "a", message: "Few products are shown." },
  { code: "wide_interval", path: "b", message: "It says little." },
];
const FIX = {
  ...{ code: "wide_interval", path: "b", label: "Sample 25%", of: "settings" },
  ...{ before: {}, after: {} },
} as WarningFix;

function shown(fixes: WarningFix[], standing: string, purpose = "quick_test"): void {
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  client.setQueryData(fixesQuery("t").queryKey, { items: fixes });
  const running = { id: "r", name: "Running", spec: {}, status: { state: "running" } };
  const completed = {
    ...{ id: "t", name: "Try", spec: { purpose } },
    status: { state: "completed", warnings: WARNINGS, verdict: { standing } },
  };
  client.setQueryData(quickTests.query("t").queryKey, completed as unknown as QuickTest);
  render(
    <MantineProvider>
      <QueryClientProvider client={client}>
        <MemoryRouter>
          <NextStep tests={[running, completed] as unknown as QuickTest[]} />
        </MemoryRouter>
      </QueryClientProvider>
    </MantineProvider>,
  );
}

test("the next step is the first change that the server has, with the warning that it helps", () => {
  shown([FIX], "better");
  expect(screen.getByText("It says little.")).toBeVisible();
  expect(screen.getByText("Sample 25%")).toBeVisible();
  expect(screen.queryByText("Few products are shown.")).toBeNull();
});

test("what is good, and has nothing to be mended, is trained on all data", () => {
  shown([], "better");
  expect(screen.getByText(/train it on all data/)).toBeVisible();
  expect(screen.getByText("Open it").closest("a")).toHaveAttribute("href", "/tests/t");
});

test("what is not is changed and tested again", () => {
  shown([], "worse");
  expect(screen.getByText("Change and test again").closest("a")).toHaveAttribute(
    "href",
    "/tests/new?from=t",
  );
});
