import { plural } from "./format";

interface Read {
  numbers: number[] | null;
  error?: string;
}

/** Numbers that are typed with commas or blanks between them; null and why, where they are not. */
export function numbersOf(text: string, least: number, most?: number): Read {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== "");
  const wrong = parts.find((part) => !Number.isFinite(Number(part)));
  if (wrong !== undefined) return { numbers: null, error: `“${wrong}” is not a number.` };
  if (parts.length < least) return { numbers: null, error: `At least ${plural(least, "number")}.` };
  if (most !== undefined && parts.length > most) {
    return { numbers: null, error: `At most ${plural(most, "number")}.` };
  }
  return { numbers: parts.map(Number) };
}
