import { Input, NumberInput, SegmentedControl } from "@mantine/core";
import { type ReactNode, useId, useState } from "react";
import classes from "./Choice.module.css";

interface Props {
  label: ReactNode;
  /** For screen readers, where the label is more than text. */
  name: string;
  description?: ReactNode;
  options: number[];
  unit?: string;
  value: number;
  onChange: (value: number) => void;
  min: number;
  max: number;
  integer?: boolean;
  error?: string;
}

const OTHER = "other";

/** A number of a few that are usual, or another. */
export function Choice(props: Props) {
  const { label, name, options, unit = "", value, onChange, error } = props;
  const [other, setOther] = useState(!options.includes(value));
  const id = useId();
  const custom = other || !options.includes(value);
  return (
    <Input.Wrapper label={label} labelElement="div" description={props.description} error={error}>
      <div className={classes.choice}>
        <SegmentedControl
          id={id}
          aria-label={name}
          data={[
            ...options.map((option) => ({ value: String(option), label: `${option}${unit}` })),
            { value: OTHER, label: "Other" },
          ]}
          value={custom ? OTHER : String(value)}
          onChange={(chosen) => {
            setOther(chosen === OTHER);
            if (chosen !== OTHER) onChange(Number(chosen));
          }}
        />
        {custom && (
          <NumberInput
            aria-label={`${name}, as a number`}
            value={value}
            onChange={(entered) => typeof entered === "number" && onChange(entered)}
            min={props.min}
            max={props.max}
            allowDecimal={!props.integer}
            clampBehavior="blur"
            suffix={unit}
            w={104}
          />
        )}
      </div>
    </Input.Wrapper>
  );
}
