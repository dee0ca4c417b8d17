import type { BigQuerySource, FileSource } from "@/api/schema";

export type Source = FileSource | BigQuerySource;

export function sourceText(source: Source): string {
  return source.kind === "bigquery" ? source.table : source.uri;
}

/** `/data/sales-2024.csv` → `sales-2024` */
export function suggestedName(source: Source): string {
  const last =
    sourceText(source)
      .replace(/[/*]+$/, "")
      .split(/[/.](?!csv|parquet)/)
      .pop() ?? "";
  return last.replace(/\.(csv|parquet)(\.gz)?$/i, "").replace(/[*?_-]+$/, "") || "Purchases";
}

/** What a path says of the files' format. */
export function fileKind(path: string): "csv" | "parquet" | null {
  if (/\.csv(\.gz)?$/i.test(path)) return "csv";
  if (/\.parquet$/i.test(path)) return "parquet";
  return null;
}
