import { IconPinFilled } from "@tabler/icons-react";
import type { QuickTest } from "@/api/schema";
import classes from "./Tags.module.css";

/** How a test is marked, small, beside its name. */
export function Tags({ test: { marks } }: { test: QuickTest }) {
  if (!marks.pinned && !marks.archived && marks.tags.length === 0) return null;
  return (
    <span className={classes.tags}>
      {marks.pinned && <IconPinFilled size={13} role="img" aria-label="Pinned" />}
      {marks.archived && <span className={classes.tag}>Archived</span>}
      {marks.tags.map((tag) => (
        <span key={tag} className={classes.tag}>
          {tag}
        </span>
      ))}
    </span>
  );
}
