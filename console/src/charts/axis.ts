import { niceTicks } from "./scale";

/** Values on an axis, from 0 to 1: numbers by their size, or by its logarithm; texts one by one. */
export interface Axis {
  at: (value: number | string) => number;
  ticks: { at: number; label: string }[];
}

const FACTOR = 50;

/** Whether numbers grow by factors, as learning rates do. */
export function byFactors(values: number[]): boolean {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low > 0 && high / low >= FACTOR;
}

export function axisOf(
  values: (number | string)[],
  written: (value: number) => string,
  bounds: number[] = [],
): Axis {
  const numbers = values.filter((value) => typeof value === "number");
  if (numbers.length < values.length || numbers.length === 0) return ofTexts(values.map(String));
  const all = [...numbers, ...bounds];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const distinct = [...new Set(numbers)].sort((a, b) => a - b);
  if (low === high) return { at: () => 0.5, ticks: [{ at: 0.5, label: written(low) }] };
  if (byFactors(numbers) && bounds.length === 0) {
    const at = (value: number | string) =>
      0.04 + (0.92 * Math.log(Number(value) / low)) / Math.log(high / low);
    return { at, ticks: some(distinct).map((value) => ({ at: at(value), label: written(value) })) };
  }
  const few = distinct.length <= 5 && bounds.length === 0;
  const nice = niceTicks(low, high, 5);
  const [from, to] = few ? [low, high] : [nice[0] ?? low, nice.at(-1) ?? high];
  const margin = few ? 0.04 : 0;
  const at = (value: number | string) =>
    margin + ((1 - 2 * margin) * (Number(value) - from)) / (to - from || 1);
  return {
    at,
    ticks: (few ? distinct : nice).map((value) => ({ at: at(value), label: written(value) })),
  };
}

function ofTexts(values: string[]): Axis {
  const distinct = [...new Set(values)].sort();
  const at = (value: number | string) => {
    const place = distinct.indexOf(String(value));
    return distinct.length === 1 ? 0.5 : 0.04 + (0.92 * place) / (distinct.length - 1);
  };
  return { at, ticks: some(distinct).map((value) => ({ at: at(value), label: value })) };
}

/** At most six of many, evenly. */
function some<Item>(items: Item[]): Item[] {
  const step = Math.ceil(items.length / 6);
  return items.filter((_, place) => place % step === 0);
}
