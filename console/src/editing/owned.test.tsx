import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { api } from "@/api/client";
import { featureConfigs } from "@/api/featureConfigs";
import type { FeatureConfig } from "@/api/schema";
import { FileOwner } from "./FileOwner";
import { SaveDialogs } from "./SaveDialogs";
import { useSave } from "./useSave";

const OWNER = { path: "configs/basic.yaml", revision: 2 };
const STORED = {
  ...{ id: "fc-1", name: "Basic", description: "", revision: 2, spec: { dataset_id: "ds-1" } },
  ...{ status: { validation: {} }, managed_by: OWNER },
} as unknown as FeatureConfig;
const TEXT = "kind: feature_config\n";
const copied = vi.fn();

function Form() {
  const saving = useSave(featureConfigs, { id: "fc-1", revision: 2, onSaved: () => undefined });
  return (
    <>
      <button type="button" onClick={() => saving.save({ ...STORED, name: "Wide" })}>
        Save
      </button>
      <SaveDialogs resource={featureConfigs} saving={saving} />
    </>
  );
}

function shown(stored: FeatureConfig): void {
  const client = new QueryClient();
  client.setQueryData(featureConfigs.query("fc-1").queryKey, stored);
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={client}>
        <FileOwner resource={featureConfigs} document={stored} />
        <Form />
      </QueryClientProvider>
    </MantineProvider>,
  );
}

beforeEach(() => {
  copied.mockReset();
  vi.stubGlobal("navigator", { ...navigator, clipboard: { writeText: copied } });
  const response = new Response();
  vi.spyOn(api, "POST").mockResolvedValue({ data: { text: TEXT }, response } as never);
  vi.spyOn(api, "PUT").mockResolvedValue({ data: STORED, response } as never);
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test("what a file keeps is saved only after its file was named", async () => {
  shown(STORED);
  fireEvent.click(screen.getByText("Save"));
  const here = await screen.findByText("Save here all the same");
  expect(screen.getAllByText(OWNER.path)).toHaveLength(2);
  expect(api.PUT).not.toHaveBeenCalled();
  fireEvent.click(here);
  await waitFor(() => expect(api.PUT).toHaveBeenCalledOnce());
  await waitFor(() => expect(screen.queryByText("Save here all the same")).toBeNull());
});

test("the changed document is copied as the server writes it, and nothing is saved", async () => {
  shown(STORED);
  fireEvent.click(screen.getByText("Save"));
  await screen.findByText("Save here all the same");
  const [, inDialog] = screen.getAllByText("Copy YAML");
  fireEvent.click(inDialog as HTMLElement);
  await waitFor(() => expect(copied).toHaveBeenCalledWith(TEXT));
  expect(vi.mocked(api.POST).mock.calls[0]).toMatchObject([
    "/api/as-code/render/",
    { body: { kind: "feature config", name: "Wide", spec: STORED.spec } },
  ]);
  expect(api.PUT).not.toHaveBeenCalled();
});

test("what no file keeps is saved at once, and nothing is said of files", async () => {
  shown({ ...STORED, managed_by: null });
  expect(screen.queryByText("Copy YAML")).toBeNull();
  fireEvent.click(screen.getByText("Save"));
  await waitFor(() => expect(api.PUT).toHaveBeenCalledOnce());
});

test.each([
  [2, /Change it there/],
  [3, /The file said version 2/],
])("at version %s it is said whether the file is behind", (revision, words) => {
  shown({ ...STORED, revision });
  expect(screen.getByText(words)).toBeVisible();
});
