import { everyPage } from "./client";
import { ApiError } from "./errors";

/** What lists go by. */
export interface Dated {
  id: string;
  updated_at?: string | null;
}

export interface Listed<Document> {
  items: Document[];
  next_page_token: string | null;
}

/** How documents are read; lists may have them in short. */
export interface Reads<Document extends Short, Short = Document> {
  /** Some documents, latest change first, up to PAGE of them. */
  page(token: string | undefined, signal?: AbortSignal): Promise<Listed<Short>>;
  get(id: string, signal?: AbortSignal): Promise<Document>;
}

/** How many documents a page of the API holds, at most. */
export const PAGE = 200;

/** Whether reading all of a list takes more than one request. */
export function isLong(list: Dated[]): boolean {
  return list.length > PAGE;
}

/**
 * A long list as it is now: the pages with changes, which come first, and whatever had not come to
 * rest; the rest is as it was known. A deletion elsewhere is not seen.
 */
export async function readAgain<Document extends Dated>(
  calls: Reads<Document>,
  known: Document[],
  settled: (document: Document) => boolean,
  signal?: AbortSignal,
): Promise<Document[]> {
  const before = new Map(known.map((document) => [document.id, document]));
  const changed = await everyPage(async (token) => {
    const page = await calls.page(token, signal);
    const seen = page.items.some(
      ({ id, updated_at }) => before.has(id) && before.get(id)?.updated_at === updated_at,
    );
    return seen ? { ...page, next_page_token: null } : page;
  });
  const fresh = new Set(changed.map(({ id }) => id));
  const rest = await Promise.all(
    known
      .filter(({ id }) => !fresh.has(id))
      .map((document) => (settled(document) ? document : there(calls.get(document.id, signal)))),
  );
  return [...changed, ...rest.filter((document) => document !== null)];
}

/** A list with a document as it is now, which is the first where it has been edited, or is new. */
export function withOne<Document extends Dated>(list: Document[], document: Document): Document[] {
  const place = list.findIndex(({ id }) => id === document.id);
  if (place >= 0 && list[place]?.updated_at === document.updated_at) {
    return list.with(place, document);
  }
  return [document, ...list.filter(({ id }) => id !== document.id)];
}

/** A document; null where it has been deleted. */
export async function there<Document>(asked: Promise<Document>): Promise<Document | null> {
  try {
    return await asked;
  } catch (fault) {
    if (fault instanceof ApiError && fault.status === 404) return null;
    throw fault;
  }
}
