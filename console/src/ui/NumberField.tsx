import { NumberInput, type NumberInputProps } from "@mantine/core";
import { useState } from "react";
import { number } from "./format";

interface Props<Value extends number | null>
  extends Omit<NumberInputProps, "value" | "onChange" | "min" | "max"> {
  value: Value;
  onChange: (value: Value) => void;
  min?: number;
  max?: number;
  integer?: boolean;
  /** What an empty field means; without it, an empty field goes back to what it was. */
  empty?: Value extends null ? string : never;
}

/**
 * A number to type. Only numbers are passed on; what is out of bounds is passed on too, and said
 * here at once.
 */
export function NumberField<Value extends number | null = number>({
  value,
  onChange,
  min,
  max,
  integer,
  empty,
  error,
  ...props
}: Props<Value>) {
  const [text, setText] = useState<string | number>(value ?? "");
  const [known, setKnown] = useState(value);
  if (known !== value) {
    setKnown(value);
    if (text === "" || Number(text) !== value) setText(value ?? "");
  }
  const blank = text === "" || text === "-";
  return (
    <NumberInput
      {...props}
      value={text}
      onChange={(typed) => {
        setText(typed);
        if (typed === "" && empty !== undefined) onChange(null as Value);
        else if (typed !== "" && Number.isFinite(Number(typed))) onChange(Number(typed) as Value);
      }}
      onBlur={() => {
        if (blank && empty === undefined) setText(value ?? "");
      }}
      placeholder={empty ?? props.placeholder}
      allowDecimal={!integer}
      clampBehavior="none"
      min={min}
      max={max}
      error={
        blank && empty === undefined
          ? "Enter a number."
          : outOfBounds(value, min, max) && boundsText(min, max)
            ? boundsText(min, max)
            : error
      }
    />
  );
}

function outOfBounds(value: number | null, min?: number, max?: number): boolean {
  return (
    value !== null && ((min !== undefined && value < min) || (max !== undefined && value > max))
  );
}

function boundsText(min?: number, max?: number): string {
  if (min === undefined) return `At most ${number(max)}.`;
  if (max === undefined) return `At least ${number(min)}.`;
  return `From ${number(min)} to ${number(max)}.`;
}
