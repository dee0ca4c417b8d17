import classes from "./Bar.module.css";

/** How far something has come, in percent. */
export function Bar({ value, label }: { value: number; label: string }) {
  return (
    <div
      className={classes.bar}
      role="progressbar"
      aria-label={label}
      aria-valuenow={value}
      aria-valuemin={0}
      aria-valuemax={100}
    >
      <div className={classes.done} style={{ width: `${value}%` }} />
    </div>
  );
}
