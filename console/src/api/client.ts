import createClient from "openapi-fetch";
import { AS_PROGRAM, heard, lossOf, PROGRAM, unheard } from "./connection";
import { ApiError, signedOut, unreachable } from "./errors";
import type { paths } from "./schema";

/** The API, typed by its own description. Paths are relative: the API serves the console. */
export const api = createClient<paths>({ baseUrl: "/", fetch: send });

/** Longer than anything that is only read may take. */
const LONGEST_READ_MS = 60_000;

/** A server that accepts a connection and says nothing is one that does not answer. */
function send(request: Request): Promise<Response> {
  request.headers.set(AS_PROGRAM, PROGRAM.headers[AS_PROGRAM]);
  const { redirect } = PROGRAM;
  if (request.method !== "GET") return fetch(request, { redirect });
  const late = AbortSignal.timeout(LONGEST_READ_MS);
  return fetch(request, { redirect, signal: AbortSignal.any([request.signal, late]) });
}

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** What the API answered, or an ApiError, be it that there was no answer at all. */
export async function answer<Data>(request: Promise<Answer<Data>>): Promise<Data> {
  let answered: Answer<Data>;
  try {
    answered = await request;
  } catch (fault) {
    if (fault instanceof DOMException && fault.name === "AbortError") throw fault;
    unheard();
    throw unreachable();
  }
  const loss = lossOf(answered.response);
  if (loss !== null) {
    unheard(loss);
    throw loss === "signed out" ? signedOut() : unreachable();
  }
  heard();
  if (!answered.response.ok) throw ApiError.of(answered.response.status, answered.error);
  return answered.data as Data;
}

/** All documents of a listing, page by page; `first` gets those of the first where there are more. */
export async function everyPage<Item extends { id: string }>(
  page: (token: string | undefined) => Promise<{ items: Item[]; next_page_token: string | null }>,
  first?: (items: Item[]) => void,
): Promise<Item[]> {
  const items = new Map<string, Item>(); // what changes meanwhile comes again, as it is then
  let token: string | undefined;
  do {
    const found = await page(token);
    for (const item of found.items) items.set(item.id, item);
    if (!token && found.next_page_token) first?.(found.items);
    token = found.next_page_token ?? undefined;
  } while (token);
  return [...items.values()];
}

/** The header that makes an update or a deletion fail where somebody else was quicker. */
export function ifMatch(revision: number | undefined): { "If-Match"?: string } {
  return revision === undefined ? {} : { "If-Match": `"${revision}"` };
}
