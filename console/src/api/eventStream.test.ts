import { describe, expect, it, vi } from "vitest";
import { events, readStream, type StreamEvent } from "./eventStream";

function body(...chunks: string[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(encoder.encode(chunk));
      controller.close();
    },
  });
}

async function parsed(...chunks: string[]): Promise<StreamEvent[]> {
  const found: StreamEvent[] = [];
  for await (const event of events(body(...chunks))) found.push(event);
  return found;
}

describe("events", () => {
  it("finds events however they are cut into chunks", async () => {
    const text = 'id: 7\ndata: {"a": 1}\n\n: a comment\n\nid: 8\r\ndata: one\r\ndata: two\r\n\r\n';
    const whole = [
      { id: "7", data: '{"a": 1}' },
      { id: "8", data: "one\ntwo" },
    ];
    for (const size of [1, 2, 3, 7, text.length]) {
      const chunks = text.match(new RegExp(`[\\s\\S]{1,${size}}`, "g")) ?? [];
      expect(await parsed(...chunks), `in pieces of ${size}`).toEqual(whole);
    }
  });

  it("keeps characters whole that a chunk cuts in two", async () => {
    const bytes = new TextEncoder().encode("data: ☕\n\n");
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytes.slice(0, 7));
        controller.enqueue(bytes.slice(7));
        controller.close();
      },
    });
    const found: StreamEvent[] = [];
    for await (const event of events(stream)) found.push(event);
    expect(found).toEqual([{ id: null, data: "☕" }]);
  });

  it("drops an event that was cut off", async () => {
    expect(await parsed("id: 1\ndata: whole\n\ndata: hal")).toEqual([{ id: "1", data: "whole" }]);
  });
});

describe("readStream", () => {
  async function read(answers: (() => Promise<Response>)[], finishedAfter: string) {
    const requests: (string | null)[] = [];
    const seen: string[] = [];
    const waits: number[] = [];
    await readStream("/events/", {
      signal: new AbortController().signal,
      onEvent: (event) => seen.push(event.data),
      finished: () => seen.includes(finishedAfter),
      wait: async (milliseconds) => {
        waits.push(milliseconds);
      },
      fetch: vi.fn(async (_url, init) => {
        requests.push(new Headers(init?.headers).get("Last-Event-ID"));
        const next = answers.shift();
        if (!next) throw new Error("asked too often");
        return next();
      }) as unknown as typeof fetch,
    });
    return { requests, seen, waits };
  }

  it("goes on from the last event after a broken connection and a restarting server", async () => {
    const found = await read(
      [
        async () => new Response(body("id: 3\ndata: half way\n\n")),
        async () => Promise.reject(new TypeError("connection refused")),
        async () => new Response("", { status: 503 }),
        async () => new Response(body("id: 9\ndata: done\n\n")),
      ],
      "done",
    );
    expect(found.requests).toEqual([null, "3", "3", "3"]);
    expect(found.seen).toEqual(["half way", "done"]);
    expect(found.waits).toEqual([500, 1000, 2000]);
  });

  it("does not ask again for what is not there", async () => {
    const found = await read([async () => new Response("", { status: 404 })], "never");
    expect(found.requests).toEqual([null]);
  });
});
