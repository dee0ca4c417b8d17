import { Switch } from "@mantine/core";
import { type ReactNode, useId } from "react";
import classes from "./Choice.module.css";

interface Props {
  title: ReactNode;
  hint: ReactNode;
  /** How many numbers it adds. */
  adds?: string;
  on: boolean;
  onChange: (on: boolean) => void;
  /** Its settings, shown while it is on. */
  children?: ReactNode;
}

/** One thing that a column may become, to be switched on or off. */
export function Choice({ title, hint, adds, on, onChange, children }: Props) {
  const id = useId();
  return (
    <div className={classes.choice} data-on={on || undefined}>
      <div className={classes.head}>
        <Switch
          id={id}
          size="sm"
          checked={on}
          onChange={(event) => onChange(event.currentTarget.checked)}
          aria-describedby={`${id}-hint`}
        />
        <div className={classes.text}>
          <label htmlFor={id} className={classes.title}>
            {title}
          </label>
          <div id={`${id}-hint`} className={classes.hint}>
            {hint}
          </div>
        </div>
        {adds && <span className={classes.adds}>{adds}</span>}
      </div>
      {on && children && <div className={classes.settings}>{children}</div>}
    </div>
  );
}
