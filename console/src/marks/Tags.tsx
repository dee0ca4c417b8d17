import { IconPinFilled } from "@tabler/icons-react";
import type { MarkedDocument } from "@/api/resource";
import type { Marks } from "@/api/schema";
import classes from "./Tags.module.css";

/** How a run is marked, small, beside its name. */
export function Tags({ marks }: { marks: Marks }) {
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

/** The marks and the note of a run, on its page. */
export function Marking({ run: { marks, description } }: { run: MarkedDocument }) {
  return (
    <>
      <Tags marks={marks} />
      {description && <p className={classes.note}>{description}</p>}
    </>
  );
}
