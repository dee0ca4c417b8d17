import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, render, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import type { HeatmapRequest } from "@/api/schema";
import { HeatmapView } from "./HeatmapView";

const asked = vi.hoisted(() => vi.fn());
vi.mock("@/api/client", async (original) => ({
  ...(await original<typeof import("@/api/client")>()),
  answer: asked,
  api: { POST: () => undefined },
}));

const ALL: HeatmapRequest = {
  quick_test_ids: ["one", "two"],
  dataset_id: null,
  metric: null,
  rows: null,
  columns: null,
  group_of: null,
};

async function failing(body: HeatmapRequest): Promise<void> {
  asked.mockReset().mockRejectedValue(new Error("No answer."));
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <MantineProvider>
      <QueryClientProvider client={client}>
        <HeatmapView body={body} change={() => undefined} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  await screen.findByText("No answer.");
  // Enough for many more requests, were each failure followed by one.
  for (let n = 0; n < 20; n++) await act(() => new Promise((resolve) => setTimeout(resolve, 5)));
}

test("a heatmap that cannot be shown is not asked for again and again", async () => {
  await failing(ALL);
  expect(asked).toHaveBeenCalledTimes(1);
  expect(screen.getByRole("button", { name: "Try again" })).toBeDefined();
});

test("what an address cannot have is replaced by what there is, asked for once", async () => {
  await failing({ ...ALL, metric: "no_such_metric" });
  expect(asked).toHaveBeenCalledTimes(2);
});
