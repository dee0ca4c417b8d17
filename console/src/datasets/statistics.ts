import type { Column, ColumnType } from "@/api/schema";
import { day, number } from "@/ui/format";

/** Types in plain words; the exact term stands beside them as a title. */
export const TYPE_WORDS: Record<ColumnType, string> = {
  STRING: "text",
  INTEGER: "whole number",
  FLOAT: "number",
  TIMESTAMP: "time",
  BOOLEAN: "yes or no",
};

/** How many of the usual words Spread shows. */
export const SHOWN_AS_BARS = 3;

/** What was found in a column, in one line, beside what Spread shows of it. */
export function summary(column: Column): string {
  const found = column.statistics;
  if (!found) return "";
  if (column.type === "TIMESTAMP") return `${day(found.min)} to ${day(found.max)}`;
  if (column.type === "INTEGER" || column.type === "FLOAT") {
    if (found.min === null || found.min === undefined) return "no numbers";
    return `${number(found.min)} to ${number(found.max)}, median ${number(found.median)}`;
  }
  return found.samples.length > SHOWN_AS_BARS
    ? `also ${found.samples.slice(SHOWN_AS_BARS).join(", ")}`
    : "";
}
