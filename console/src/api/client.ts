import createClient from "openapi-fetch";
import { ApiError, unreachable } from "./errors";
import type { paths } from "./schema";

/** The API, typed by its own description. Paths are relative: the API serves the console. */
export const api = createClient<paths>({ baseUrl: "/" });

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
    throw unreachable();
  }
  if (!answered.response.ok) throw ApiError.of(answered.response.status, answered.error);
  return answered.data as Data;
}

/** All documents of a listing, page by page. */
export async function everyPage<Item>(
  page: (token: string | undefined) => Promise<{ items: Item[]; next_page_token: string | null }>,
): Promise<Item[]> {
  const items: Item[] = [];
  let token: string | undefined;
  do {
    const found = await page(token);
    items.push(...found.items);
    token = found.next_page_token ?? undefined;
  } while (token);
  return items;
}

/** The header that makes an update or a deletion fail where somebody else was quicker. */
export function ifMatch(revision: number | undefined): { "If-Match"?: string } {
  return revision === undefined ? {} : { "If-Match": `"${revision}"` };
}
