import { queryOptions, replaceEqualDeep } from "@tanstack/react-query";
import { isFollowing } from "./changes";
import { everyPage } from "./client";
import { isLong, type Reads, readAgain } from "./longLists";
import type { Differences, ManagedBy, Marks, RunMarks, Usage, Validation } from "./schema";

/** What every document has. */
export interface AnyDocument {
  id: string;
  name: string;
  description: string;
  spec: unknown;
  revision: number;
  updated_at?: string | null;
  created_at?: string | null;
  /** The file that it is kept in. */
  managed_by?: ManagedBy | null;
  status: { validation: Validation };
}

export interface WriteBody<Spec> {
  name: string;
  description: string;
  spec: Spec;
}

export interface Version {
  revision: number;
  name?: unknown;
  description?: unknown;
  spec?: unknown;
  created_at?: unknown;
  created_by?: unknown;
  /** What it changed of the one before, in words; null of the first. */
  changes?: string[] | null;
}

/** Two revisions, of one document or with `other_id` of two. */
export interface Pair {
  from_revision?: number;
  to_revision?: number;
  other_id?: string;
}

/** What can be done with a collection of documents; lists may have them in short. */
export interface Calls<Document extends Short, Short extends AnyDocument = Document>
  extends Reads<Document, Short> {
  /** `key`: the same for every attempt at the same creation. */
  create(body: WriteBody<Document["spec"]>, key?: string): Promise<Document>;
  update(
    id: string,
    body: WriteBody<Document["spec"]>,
    revision: number | undefined,
  ): Promise<Document>;
  /** What a deletion would meet, where there are deletions. */
  usage?(id: string): Promise<Usage>;
  remove(id: string, revision: number | undefined): Promise<unknown>;
  versions?(id: string, signal?: AbortSignal): Promise<Version[]>;
  /** What differs between two revisions, and what it did. */
  differences?(id: string, pair: Pair, signal?: AbortSignal): Promise<Differences>;
}

/** A collection: its calls, and its queries for TanStack Query. */
export interface Resource<Document extends Short, Short extends AnyDocument = Document>
  extends Calls<Document, Short> {
  /** First part of every query key. */
  key: string;
  /** `dataset`, `feature config` */
  noun: string;
  /** Where a document's page is. */
  path(id: string): string;
  /** Where a document is in the API. */
  apiPath(id: string): string;
  listQuery: ReturnType<typeof listOptions<Short>>;
  query(id: string): ReturnType<typeof oneOptions<Document>>;
  versionsQuery(id: string): ReturnType<typeof versionsOptions>;
  differencesQuery(id: string, pair: Pair): ReturnType<typeof differencesOptions>;
}

const WHILE_SETTLING_MS = 800;
const OTHERWISE_MS = 15_000;
/** What was deleted elsewhere is gone from a long list after so long, where no change is heard of. */
const WHOLE_AFTER_MS = 300_000;
/** In case something was not heard of. */
const WHILE_FOLLOWING_MS = 60_000;

/** Marks a query whose answer depends on all documents of the collection that its key begins with: it
 * is asked for again when any of them has been written. */
export const FOLLOWED = { followed: true };

/** After how many milliseconds something is asked for again. */
export function pause(settled: boolean | undefined): number {
  if (isFollowing()) return WHILE_FOLLOWING_MS;
  return settled === false ? WHILE_SETTLING_MS : OTHERWISE_MS;
}

function listOptions<Document extends AnyDocument>(
  key: string,
  calls: Reads<Document>,
  settled: (document: Document) => boolean,
) {
  let read = 0; // when all of it was
  return queryOptions({
    queryKey: [key, "list"],
    queryFn: async ({ signal, client, queryKey }) => {
      const known = client.getQueryData<Document[]>(queryKey);
      if (known && isLong(known) && Date.now() - read < WHOLE_AFTER_MS) {
        return readAgain(calls, known, settled, signal);
      }
      const whole = await everyPage(
        (token) => calls.page(token, signal),
        // Something to look at, while the rest of many is read.
        known ? undefined : (items) => client.setQueryData(queryKey, items),
      );
      read = Date.now();
      return whole;
    },
    refetchInterval: (query) => pause(query.state.data?.every(settled)),
    // Of thousands, to look for what has stayed the same takes longer than to draw the few in sight.
    structuralSharing: (before, now) =>
      isLong(now as Document[]) ? now : replaceEqualDeep(before, now),
  });
}

function oneOptions<Document extends AnyDocument>(
  key: string,
  id: string,
  calls: Pick<Reads<Document>, "get">,
  settled: (document: Document) => boolean,
) {
  return queryOptions({
    queryKey: [key, "one", id],
    queryFn: ({ signal }) => calls.get(id, signal),
    refetchInterval: (query) => pause(query.state.data && settled(query.state.data)),
  });
}

function versionsOptions(key: string, id: string, calls: Calls<never>) {
  return queryOptions({
    queryKey: [key, "versions", id],
    queryFn: ({ signal }) => calls.versions?.(id, signal) ?? Promise.resolve([]),
  });
}

function differencesOptions(key: string, id: string, pair: Pair, calls: Calls<never>) {
  return queryOptions({
    queryKey: [key, "differences", id, pair],
    queryFn: ({ signal }) => {
      if (!calls.differences) throw new Error(`Of ${key}, no differences are told.`);
      return calls.differences(id, pair, signal);
    },
  });
}

const readers = new Map<string, (id: string) => Promise<AnyDocument>>();

/** Reads a document of a collection, by the first part of its query keys. */
export function readOne(key: string, id: string): Promise<AnyDocument> {
  const read = readers.get(key);
  return read ? read(id) : Promise.reject(new Error(`Nothing is known of ${key}.`));
}

/** Whether the system has said what it has to say of a document's present revision. */
export function validated(document: AnyDocument): boolean {
  const { state, revision } = document.status.validation;
  return revision === document.revision && state !== "pending" && state !== "waiting";
}

export function resource<Document extends Short, Short extends AnyDocument = Document>(
  names: {
    key: string;
    noun: string;
    path: (id: string) => string;
    apiPath: (id: string) => string;
  },
  calls: Calls<Document, Short>,
  settled: (document: Short) => boolean = validated,
): Resource<Document, Short> {
  readers.set(names.key, calls.get);
  return {
    ...names,
    ...calls,
    listQuery: listOptions<Short>(names.key, calls, settled),
    query: (id) => oneOptions<Document>(names.key, id, calls, settled),
    versionsQuery: (id) => versionsOptions(names.key, id, calls as unknown as Calls<never>),
    differencesQuery: (id, pair) =>
      differencesOptions(names.key, id, pair, calls as unknown as Calls<never>),
  };
}

/** What people have called and marked with tags, pins and the archive. */
export interface MarkedDocument extends AnyDocument {
  marks: Marks;
  created_by?: string | null;
}

/** A collection of runs, whose names, notes and marks change without a new revision. */
export interface Runs<Run extends Short, Short extends MarkedDocument = Run>
  extends Resource<Run, Short> {
  /** What is left out stays. */
  mark(id: string, changes: RunMarks): Promise<Run>;
}
