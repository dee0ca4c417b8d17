/** Round numbers that cover a range, some `wanted` of them: 0.2, 0.3, 0.4. */
export function niceTicks(low: number, high: number, wanted: number): number[] {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  const span = high - low || Math.abs(high) || 1;
  const rough = span / Math.max(1, wanted - 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((size) => size * power >= rough) ?? 10) * power;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, n) =>
    Number(((first + n) * step).toPrecision(12)),
  );
}

/** Which of `steps` equal parts of a range a value lies in, from 0; the middle where there is none. */
export function stepOf(value: number, low: number, high: number, steps: number): number {
  if (!(high > low)) return Math.floor(steps / 2);
  return Math.min(steps - 1, Math.max(0, Math.floor(((value - low) / (high - low)) * steps)));
}
