import type { ReactNode } from "react";
import { exact } from "./format";
import { NumberField } from "./NumberField";
import classes from "./ValueButtons.module.css";

interface Props {
  label: ReactNode;
  /** Name of the field for typing another value. */
  customLabel: string;
  values: number[];
  value: number;
  onChange: (value: number) => void;
  min?: number;
  max?: number;
  above?: number;
  integer?: boolean;
  step?: number;
  /** A value to point out, and why. */
  marked?: { value: number; word: string };
  error?: ReactNode;
  children?: ReactNode;
}

/** A number by buttons for the usual values, and a field for any other. */
export function ValueButtons({
  label,
  customLabel,
  values,
  value,
  onChange,
  marked,
  error,
  children,
  ...bounds
}: Props) {
  return (
    <fieldset className={classes.group}>
      <legend className={classes.label}>{label}</legend>
      <div className={classes.row}>
        {values.map((item) => (
          <button
            key={item}
            type="button"
            className={classes.button}
            aria-pressed={item === value}
            onClick={() => onChange(item)}
          >
            {exact(item)}
            {marked?.value === item && <span className={classes.mark}> {marked.word}</span>}
          </button>
        ))}
        <NumberField
          aria-label={customLabel}
          className={classes.custom}
          value={value}
          onChange={onChange}
          error={error}
          hideControls
          {...bounds}
        />
      </div>
      {children && <div className={classes.help}>{children}</div>}
    </fieldset>
  );
}
