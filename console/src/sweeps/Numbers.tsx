import { TagsInput } from "@mantine/core";
import { numbersOf } from "./draft";

/** The values of an axis of the grid, typed one after another. */
export function Numbers({
  label,
  example,
  value,
  zero = false,
  onChange,
}: {
  label: React.ReactNode;
  example: string;
  value: number[];
  /** Whether 0 is a value. */
  zero?: boolean;
  onChange: (value: number[]) => void;
}) {
  return (
    <TagsInput
      label={label}
      placeholder={value.length ? "" : `for example ${example}`}
      splitChars={[",", " "]}
      value={value.map(String)}
      onChange={(texts) => onChange(numbersOf(texts, zero))}
      acceptValueOnBlur
    />
  );
}
