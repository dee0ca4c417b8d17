import type { TimelineEntry } from "@/api/schema";
import { moment } from "@/ui/format";
import classes from "./Timeline.module.css";

/** What happened, in the order in which the system learned of it. */
export function Timeline({ entries }: { entries: TimelineEntry[] }) {
  if (entries.length === 0) return <p>Nothing yet.</p>;
  return (
    <ol className={classes.timeline}>
      {entries.map((entry, place) => (
        <li key={`${entry.at} ${place}`}>
          <time dateTime={entry.at} title={moment(entry.at)}>
            {clock(entry.at)}
          </time>
          <span>{entry.what}</span>
        </li>
      ))}
    </ol>
  );
}

function clock(iso: string): string {
  return new Date(iso).toLocaleTimeString("en-GB");
}
