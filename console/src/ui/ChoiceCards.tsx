import { type CSSProperties, type ReactNode, useId } from "react";
import { type Meaning, meaningVariables } from "@/theme/meaning";
import classes from "./ChoiceCards.module.css";

export interface Choice<Value extends string> {
  value: Value;
  title: ReactNode;
  /** What it is, and when to take it. */
  children?: ReactNode;
  meaning?: Meaning;
}

interface Props<Value extends string> {
  /** What is chosen here. */
  label: string;
  /** Where a heading above names the choice already. */
  labelHidden?: boolean;
  value: Value | null;
  onChange: (value: Value) => void;
  choices: Choice<Value>[];
  /** Smallest width of a card; as many as fit stand side by side. */
  minWidth?: string;
}

/** A choice between few things that each need a word of explanation: radio buttons as cards. */
export function ChoiceCards<Value extends string>({
  label,
  labelHidden,
  value,
  onChange,
  choices,
  minWidth = "14rem",
}: Props<Value>) {
  const name = useId();
  return (
    <fieldset className={classes.group}>
      <legend className={labelHidden ? classes.hidden : classes.legend}>{label}</legend>
      <div className={classes.cards} style={{ "--least": minWidth } as CSSProperties}>
        {choices.map((choice) => (
          <label
            key={choice.value}
            className={classes.card}
            data-checked={choice.value === value || undefined}
            style={choice.meaning && meaningVariables(choice.meaning)}
          >
            <span className={classes.head}>
              <input
                type="radio"
                name={name}
                value={choice.value}
                checked={choice.value === value}
                onChange={() => onChange(choice.value)}
                aria-describedby={choice.children ? `${name}-${choice.value}` : undefined}
                aria-labelledby={`${name}-${choice.value}-title`}
              />
              <span id={`${name}-${choice.value}-title`} className={classes.title}>
                {choice.title}
              </span>
            </span>
            {choice.children && (
              <span id={`${name}-${choice.value}`} className={classes.text}>
                {choice.children}
              </span>
            )}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
