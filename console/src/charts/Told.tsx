import classes from "./chart.module.css";

/** What is focused or pointed at in a chart; marks have it as their names, so it is for the eye. */
export function Told({ children }: { children: string | undefined }) {
  return (
    <p className={classes.told} aria-hidden="true">
      {children ?? "Point at one, or press Tab and the arrow keys. Enter opens it."}
    </p>
  );
}
