import type { ColumnType, FileOptions, FileSource } from "@/api/schema";

/** Nothing said: the files and their values tell. */
export const NOTHING_SAID: FileOptions = { missing: [], skip_bad_lines: false, columns: {} };

/** A text in the form's field as an option: nothing where it is blank. */
export function spoken(text: string): string | null {
  return text === "" ? null : text;
}

const TABS: Record<string, string> = { tab: "\t", space: " " };

/** What may stand between values, as people write it. */
export function delimiterText(delimiter: string | null | undefined): string {
  const named = Object.entries(TABS).find(([, character]) => character === delimiter);
  return named?.[0] ?? delimiter ?? "";
}

export function delimiterOf(text: string): string | null {
  return spoken(TABS[text.trim().toLowerCase()] ?? text);
}

/** The options with one column read as a type; null takes back what was said of it. */
export function withType(
  options: FileOptions,
  column: string,
  type: ColumnType | null,
): FileOptions {
  const { [column]: _, ...others } = options.columns;
  return { ...options, columns: type ? { ...others, [column]: { type, times: [] } } : others };
}

/** Whether the files are text, of which a layout can be said. */
export function isText(source: FileSource): boolean {
  return source.kind === "csv";
}
