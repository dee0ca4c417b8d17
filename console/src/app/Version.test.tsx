import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { api } from "@/api/client";
import { makeQueries } from "@/api/queries";
import { Version } from "./Version";

afterEach(() => vi.restoreAllMocks());

it("shows the version that the server tells", async () => {
  const data = { status: "ok", version: "9.8.7" };
  vi.spyOn(api, "GET").mockResolvedValue({ data, response: new Response() } as never);
  render(
    <QueryClientProvider client={makeQueries()}>
      <Version />
    </QueryClientProvider>,
  );
  expect(await screen.findByTitle("Recsmith 9.8.7")).toHaveTextContent("9.8.7");
});
