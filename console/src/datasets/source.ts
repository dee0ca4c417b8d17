import type { BigQuerySource, FileSource } from "@/api/schema";
import { NOTHING_SAID } from "./options";

export type Source = FileSource | BigQuerySource;

export function sourceText(source: Source): string {
  return source.kind === "bigquery" ? (source.table ?? source.query ?? "") : source.uri;
}

/** `/data/sales-2024.csv` → `sales-2024` */
export function suggestedName(source: Source): string {
  const last =
    sourceText(source)
      .replace(/[/*]+$/, "")
      .split(
        /\/|\.(?!(?:csv|tsv|txt|dat|jsonl?|ndjson|xlsx|parquet|parq|pq|gz|zip|bz2|xz)(?:\.|$))/i,
      )
      .pop() ?? "";
  return (
    last
      .replace(/\.(gz|zip|bz2|xz)$/i, "")
      .replace(/\.(csv|tsv|txt|dat|jsonl?|ndjson|xlsx|parquet|parq|pq)$/i, "")
      .replace(/[*?_-]+$/, "") || "Purchases"
  );
}

export type FileKind = FileSource["kind"];

/** What a path says of the files' format. */
export function fileKind(path: string): FileKind | null {
  if (/\.(csv|tsv|tab|psv|txt|dat|data)(\.(gz|zip|bz2|xz))?$/i.test(path)) return "csv";
  if (/\.(jsonl|ndjson|json)(\.(gz|zip|bz2|xz))?$/i.test(path)) return "json";
  if (/\.(xlsx|xlsm)$/i.test(path)) return "excel";
  if (/\.(parquet|parq|pq)$/i.test(path)) return "parquet";
  return null;
}

/** The source of a table beside the events; the server tells what its path leaves open. */
export function sideSource(text: string, inBigQuery: boolean): Source {
  if (inBigQuery) return bigQuerySource(text);
  return { kind: fileKind(text) ?? "csv", uri: text, options: NOTHING_SAID };
}

/** A table's name, or a query. */
export function bigQuerySource(text: string): BigQuerySource {
  return /\s/.test(text) ? { kind: "bigquery", query: text } : { kind: "bigquery", table: text };
}
