import { heard, isLost, lossOf, onConnection, PROGRAM, unheard } from "./connection";

/** One server-sent event. */
export interface StreamEvent {
  id: string | null;
  data: string;
}

interface Options {
  onEvent(event: StreamEvent): void;
  /** Whether there is nothing more to come; asked when the server closes the stream. */
  finished(): boolean;
  signal: AbortSignal;
  fetch?: typeof fetch;
  wait?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8_000;

/**
 * Reads an event stream until it is finished or aborted, and connects again, from the last event
 * on, whenever it breaks; that the server is gone is told by `connection`.
 *
 * The browser's own EventSource gives up for good where a proxy or a restarting server answers
 * 502 or 503 once, and says nothing of it.
 */
export async function readStream(url: string, options: Options): Promise<void> {
  const { onEvent, finished, signal } = options;
  const send = options.fetch ?? fetch;
  const wait = options.wait ?? waited;
  let lastId: string | null = null;
  let pause = FIRST_WAIT_MS;
  while (!signal.aborted) {
    try {
      const response: Response = await send(url, {
        ...PROGRAM,
        headers: {
          ...PROGRAM.headers,
          Accept: "text/event-stream",
          ...(lastId ? { "Last-Event-ID": lastId } : {}),
        },
        cache: "no-store",
        signal,
      });
      const loss = lossOf(response);
      if (loss !== null) unheard(loss);
      else if (response.status >= 400 && response.status < 500)
        break; // gone: asking again is vain
      else heard();
      if (response.ok && response.body) {
        for await (const event of events(response.body)) {
          pause = FIRST_WAIT_MS;
          if (event.id !== null) lastId = event.id;
          onEvent(event);
        }
        if (finished()) break;
      }
    } catch {
      if (signal.aborted) return;
      unheard();
    }
    await wait(pause, signal);
    pause = Math.min(pause * 2, LONGEST_WAIT_MS);
  }
}

/** The events in a body, as the HTML standard parses them. */
export async function* events(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent> {
  const reader = body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .getReader();
  let text = "";
  let id: string | null = null;
  let data: string[] = [];
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      text += value;
      const lines = text.split(/\r\n|\n|\r(?!$)/);
      text = lines.pop() ?? "";
      for (const line of lines) {
        if (line === "") {
          if (data.length) yield { id, data: data.join("\n") };
          data = [];
          continue;
        }
        const colon = line.indexOf(":");
        const field = colon < 0 ? line : line.slice(0, colon);
        const content = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
        if (field === "data") data.push(content);
        else if (field === "id" && !content.includes("\0")) id = content;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function waited(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      clearTimeout(timer);
      unsubscribe();
      signal.removeEventListener("abort", done);
      window.removeEventListener("online", done);
      resolve();
    }
    const unsubscribe = onConnection(() => {
      if (!isLost()) done();
    });
    signal.addEventListener("abort", done);
    window.addEventListener("online", done);
  });
}
