import { NavLink } from "react-router";
import classes from "./InUseTabs.module.css";
import { IN_USE } from "./places";

/** The way between what belongs to models in use. */
export function InUseTabs() {
  return (
    <nav aria-label="In use" className={classes.tabs}>
      {IN_USE.map(({ path, label }) => (
        <NavLink key={path} to={path} end className={classes.tab}>
          {label}
        </NavLink>
      ))}
    </nav>
  );
}
