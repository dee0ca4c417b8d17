import { NumberInput, type NumberInputProps } from "@mantine/core";
import { useState } from "react";
import { exact } from "./format";

interface Props<Value extends number | null>
  extends Omit<NumberInputProps, "value" | "onChange" | "min" | "max"> {
  value: Value;
  onChange: (value: Value) => void;
  min?: number;
  max?: number;
  /** A bound that may not be reached. */
  above?: number;
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
  above,
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
      min={min ?? above}
      max={max}
      error={
        blank && empty === undefined
          ? "Enter a number."
          : outOfBounds(value, { min, max, above })
            ? boundsText({ min, max, above })
            : error
      }
    />
  );
}

interface Bounds {
  min?: number;
  max?: number;
  above?: number;
}

function outOfBounds(value: number | null, { min, max, above }: Bounds): boolean {
  if (value === null) return false;
  const low = (min !== undefined && value < min) || (above !== undefined && value <= above);
  return low || (max !== undefined && value > max);
}

function boundsText({ min, max, above }: Bounds): string {
  if (above !== undefined) {
    return `Above ${exact(above)}${max === undefined ? "" : `, up to ${exact(max)}`}.`;
  }
  if (min === undefined) return `At most ${exact(max ?? 0)}.`;
  if (max === undefined) return `At least ${exact(min)}.`;
  return `From ${exact(min)} to ${exact(max)}.`;
}
