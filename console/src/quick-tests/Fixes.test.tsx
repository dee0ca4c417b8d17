import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen } from "@testing-library/react";
import { createMemoryRouter, RouterProvider } from "react-router";
import { expect, test } from "vitest";
import { fixesQuery } from "@/api/quickTests";
import type { Problem, QuickTest, WarningFix } from "@/api/schema";
import { useFixed } from "@/editing/useFixed";
import { Warnings } from "./Warnings";

const TEST = {
  id: "t",
  spec: { feature_config_id: "f", model_config_id: "m" },
  status: {},
} as unknown as QuickTest;
const WARNING = { code: "wide_interval", path: "p", message: "It says little." } as Problem;
const FIX: WarningFix = {
  ...{ code: "wide_interval", path: "p", label: "Sample 25%", of: "settings" },
  before: { epochs: 2, data_sample_percent: 10 },
  after: { epochs: 2, data_sample_percent: 25 },
};

function shown(fixes: WarningFix[]) {
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  client.setQueryData(fixesQuery("t").queryKey, { items: fixes });
  const taken: unknown[] = [];
  function Editor() {
    useFixed((spec) => taken.push(spec));
    return <h1>The settings</h1>;
  }
  const router = createMemoryRouter([
    { path: "/", element: <Warnings test={TEST} warnings={[WARNING]} /> },
    { path: "/tests/new", element: <Editor /> },
  ]);
  render(
    <MantineProvider>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return { taken, router };
}

test("what helps is shown as a change, and opens as a draft that is taken once", async () => {
  const { taken, router } = shown([FIX]);
  fireEvent.click(screen.getByText("Sample 25%"));
  const open = await screen.findByText("Open the settings");
  const cells = [...document.querySelectorAll("tbody tr")].map((row) => row.textContent);
  expect(cells).toEqual(["Changeddata sample percent1025"]);
  expect(taken).toEqual([]);
  fireEvent.click(open);
  await screen.findByText("The settings");
  expect(taken).toEqual([FIX.after]);
  await expect.poll(() => router.state.location.state).toBeNull();
  expect(router.state.location.search).toBe("?from=t");
});

test("without a change that helps there is still the way to the setting", () => {
  shown([{ ...FIX, code: "another" }]);
  expect(screen.queryByText(FIX.label)).toBeNull();
  expect(screen.getByText("Change the settings")).toBeVisible();
});
