import { percent } from "@/ui/format";
import classes from "./TuningPage.module.css";
import { called } from "./words";

/** The share of each setting, the most first. It is a list of names and numbers to a screen reader. */
export function Importance({ shares }: { shares: Record<string, number> }) {
  const sorted = Object.entries(shares).sort(([, one], [, other]) => other - one);
  return (
    <dl className={classes.bars}>
      {sorted.map(([key, share]) => (
        <div key={key} className={classes.bar}>
          <dt>{called(key)}</dt>
          <dd>
            <span className={classes.track} aria-hidden="true">
              <span className={classes.fill} style={{ width: percent(share) }} />
            </span>
            <span className={classes.share}>{percent(share)}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
