import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import { MemoryRouter, useLocation } from "react-router";
import { expect, test } from "vitest";
import { api } from "@/api/client";
import CommandPalette from "./CommandPalette";

const SAVED = { description: "", revision: 1, spec: {}, status: { validation: {} } };
const EXPERIMENT = {
  ...{ id: "ex-1", began_at: "2026-01-01T00:00:00Z", ended_at: null },
  versions: [1, 2].map((version) => ({ version, share_percent: 50 })),
};
const HELD: Record<string, object[]> = {
  "rule-sets": [{ ...SAVED, id: "rs-1", name: "Front page" }],
  schedules: [{ ...SAVED, id: "sc-1", name: "Weekly" }],
  "registered-models": [
    {
      ...{ ...SAVED, id: "rm-1", name: "Grocery" },
      status: { validation: {}, experiment: EXPERIMENT, ended_experiments: [] },
    },
  ],
};

function Where() {
  return <output>{useLocation().pathname}</output>;
}

test.each([
  ["Front", /Front page/, "/in-use/rules/rs-1"],
  ["Weekly", /Weekly/, "/in-use/schedules/sc-1"],
  ["ex-1", /Version 1 \(50%\) against 2/, "/in-use/experiments/rm-1/ex-1"],
  ["Grocery", /^Grocery(?!:)/, "/in-use/rm-1"],
])("what is in use is found by %s", async (typed, name, path) => {
  api.GET = ((url: string) => {
    const items = HELD[url.split("/")[2] as string] ?? [];
    return Promise.resolve({ data: { items, next_page_token: null }, response: new Response() });
  }) as unknown as typeof api.GET;
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={new QueryClient()}>
        <MemoryRouter>
          <CommandPalette />
          <Where />
        </MemoryRouter>
      </QueryClientProvider>
    </MantineProvider>,
  );
  fireEvent.change(await screen.findByLabelText("Search"), { target: { value: typed } });
  const found = await waitFor(() => {
    const [first] = screen
      .getAllByRole("button", { hidden: true })
      .filter(({ textContent }) => name.test(textContent ?? ""));
    if (!first) throw new Error(`${name} is not offered.`);
    return first;
  });
  fireEvent.click(found);
  expect(screen.getByText(path)).toBeInTheDocument();
});
