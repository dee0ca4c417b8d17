/** How numbers and moments are written, everywhere. */

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const compactForm = new Intl.NumberFormat("en", {
  notation: "compact",
  maximumFractionDigits: 1,
});

export const NONE = "–";

/** `1,469,307` */
export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? NONE : whole.format(value);
}

/** `1.5M`, for where space is short. */
export function compact(value: number | null | undefined): string {
  return value === null || value === undefined ? NONE : compactForm.format(value);
}

/** A measured number with three or so digits that mean something: `0.0123`, `48,523`, `2.5e-7`. */
export function number(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e12)) return value.toExponential(2);
  const digits = size >= 1000 ? 0 : size >= 10 ? 2 : 4;
  return new Intl.NumberFormat("en", { maximumFractionDigits: digits }).format(value);
}

/** A number with all its digits, as it is set: `0.0005`, `1e-7`, `4,096`. */
export function exact(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && size < 1e-4) return value.toExponential();
  return value.toLocaleString("en", { maximumFractionDigits: 20 });
}

/** The same text within a sentence: `Batch size` → `batch size`, `L2 regularization` as it is. */
export function lower(text: string): string {
  return /^[A-Z][a-z]+(?![A-Z])/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}

/** A share as `47.3%`: no space, that no line break comes between. */
export function percent(share: number | null | undefined, digits = 1): string {
  return share === null || share === undefined ? NONE : percentage((share * 100).toFixed(digits));
}

/** What is in percent already, as `10%`. */
export function percentage(value: number | string): string {
  return `${value}%`;
}

/** `1 column`, `2 columns` */
export function plural(value: number, noun: string, nouns = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : nouns}`;
}

/** `1.3 GiB`, `12.0 MiB` */
export function bytes(value: number): string {
  const mebibytes = value / 2 ** 20;
  return mebibytes < 1000 ? `${mebibytes.toFixed(1)} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`;
}

/** `12 s`, `3 min 05 s`, `2 h 10 min` */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return NONE;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const total = Math.round(seconds);
  if (total < 60) return `${total} s`;
  if (total < 3600) return `${Math.floor(total / 60)} min ${pad(total % 60)} s`;
  return `${Math.floor(total / 3600)} h ${pad(Math.floor((total % 3600) / 60))} min`;
}

/** `2 hours ago`, `just now` */
export function ago(moment: string | null | undefined, now: number = Date.now()): string {
  if (!moment) return NONE;
  const seconds = (now - Date.parse(moment)) / 1000;
  if (!Number.isFinite(seconds)) return NONE;
  if (seconds < 45) return "just now";
  const units: [Intl.RelativeTimeFormatUnit, number][] = [
    ["year", 31_536_000],
    ["month", 2_592_000],
    ["week", 604_800],
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ];
  const [unit, size] = units.find(([, size]) => seconds >= size * 0.95) ?? ["minute", 60];
  const form = new Intl.RelativeTimeFormat("en", { numeric: "always" });
  return form.format(-Math.max(1, Math.round(seconds / size)), unit);
}

/** `24 Nov 2026, 05:54` in the reader's time zone. */
export function moment(iso: string | null | undefined): string {
  if (!iso || Number.isNaN(Date.parse(iso))) return NONE;
  return new Date(iso).toLocaleString("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  });
}

/** Seconds since 1970 as `24 Nov 2026`, in UTC, as the data has it. */
export function day(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return NONE;
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return NONE;
  return date.toLocaleDateString("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    timeZone: "UTC",
  });
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
