import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { useRequest } from "./useRequest";

interface Sent {
  body: string;
  key: string;
  answer: (value: string) => void;
  fail: (fault: Error) => void;
}

/** A button that sends what it is labelled with; what was sent, to be answered by hand. */
function form(onSuccess: () => unknown = () => undefined) {
  const sent: Sent[] = [];
  function Form({ body }: { body: string }) {
    const request = useRequest({
      send: (what: string, key) =>
        new Promise<string>((answer, fail) => sent.push({ body: what, key, answer, fail })),
      onSuccess,
    });
    return (
      <button type="button" disabled={request.sending} onClick={() => request.send(body)}>
        Send
      </button>
    );
  }
  const client = new QueryClient();
  const shown = (body: string) => (
    <QueryClientProvider client={client}>
      <Form body={body} />
    </QueryClientProvider>
  );
  const { rerender } = render(shown("one"));
  const button = () => screen.getByRole("button");
  return {
    sent,
    button,
    show: (body: string) => rerender(shown(body)),
    click: () => act(async () => void fireEvent.click(button())),
    /** What was sent as the `n`th, once it was. */
    arrived: (n: number) =>
      waitFor(() => {
        const request = sent[n];
        if (!request) throw new Error(`${sent.length} were sent`);
        return request;
      }),
    /** Until the button can be pressed again. */
    free: () => waitFor(() => expect(button()).toBeEnabled(), { timeout: 10_000 }),
  };
}

test("a second click at once sends nothing", async () => {
  const { sent, arrived, button, free } = form();
  await act(async () => {
    fireEvent.click(button());
    fireEvent.click(button());
  });
  await waitFor(() => expect(button()).toBeDisabled());
  (await arrived(0)).answer("made");
  await free();
  expect(sent).toHaveLength(1);
});

test("the button stays locked until the next page is there", async () => {
  let arrive = (): void => undefined;
  const next = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const leaving = vi.fn(() => next);
  const { arrived, button, click, free } = form(leaving);
  await click();
  (await arrived(0)).answer("made");
  await waitFor(() => expect(leaving).toHaveBeenCalled());
  expect(button()).toBeDisabled();
  arrive();
  await free();
});

test("a key belongs to what is sent, over all attempts, until it is done", async () => {
  const { sent, arrived, show, click, free } = form();
  await click();
  (await arrived(0)).fail(new Error("no answer"));
  await free();
  await click();
  (await arrived(1)).fail(new Error("no answer"));
  await free();
  show("two");
  await click();
  (await arrived(2)).answer("made");
  await free();
  await click();
  await arrived(3);
  const keys = sent.map(({ key }) => key);
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(keys[1]).toBe(keys[0]);
  expect(new Set(keys).size).toBe(3);
});
