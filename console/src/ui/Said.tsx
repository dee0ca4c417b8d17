import { IconAlertTriangle, IconCircleX } from "@tabler/icons-react";
import type { Problem } from "@/api/schema";
import classes from "./Said.module.css";

/** What the system says of a field: errors, then warnings; each with its icon. */
export function Said({ problems }: { problems: Problem[] }) {
  if (problems.length === 0) return null;
  const sorted = [...problems].sort((one, other) => one.level.localeCompare(other.level));
  return (
    <ul className={classes.list}>
      {sorted.map(({ path, code, level, message }) => {
        const Icon = level === "error" ? IconCircleX : IconAlertTriangle;
        return (
          <li key={`${path} ${code}`} className={classes.item} data-level={level}>
            <Icon size={15} stroke={2} aria-label={level === "error" ? "Error" : "Warning"} />
            <span>{message}</span>
          </li>
        );
      })}
    </ul>
  );
}
