import { TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { same } from "./diff";
import { numbersOf } from "./numbers";

interface Props {
  label: ReactNode;
  help?: ReactNode;
  value: number[];
  onChange: (value: number[]) => void;
  least: number;
  most?: number;
  error?: string;
}

/** Several numbers to type. Only what can be read is passed on; what cannot is said at once. */
export function NumbersField({ label, help, value, onChange, least, most, error }: Props) {
  const [text, setText] = useState(value.join(", "));
  const read = numbersOf(text, least, most);
  const [known, setKnown] = useState(value);
  if (!same(known, value)) {
    setKnown(value);
    if (!same(read.numbers, value)) setText(value.join(", "));
  }
  return (
    <TextInput
      label={label}
      description={help}
      placeholder="Separated by commas"
      value={text}
      onChange={(event) => {
        const typed = event.currentTarget.value;
        setText(typed);
        const { numbers } = numbersOf(typed, least, most);
        if (numbers) onChange(numbers);
      }}
      onBlur={() => setText(value.join(", "))}
      error={read.error ?? error}
    />
  );
}
