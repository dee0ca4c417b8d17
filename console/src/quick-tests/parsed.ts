import type { RawType } from "@/api/schema";

type Value = string | number | null;

/** A typed text as a raw value of a column; empty is missing. Times are ISO 8601 or seconds. */
export function parsed(text: string, type: RawType): { value: Value; error?: string } {
  const trimmed = text.trim();
  if (trimmed === "") return { value: null };
  if (type === "text") return { value: trimmed };
  const value = Number(trimmed);
  if (Number.isFinite(value)) return { value };
  if (type === "number") return { value: null, error: "A number is needed, such as 12.5." };
  return Number.isNaN(Date.parse(trimmed))
    ? { value: null, error: "A time is needed, such as 2024-12-31T18:00." }
    : { value: trimmed };
}
