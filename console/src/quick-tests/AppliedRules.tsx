import type { Applied } from "@/api/schema";
import { count } from "@/ui/format";
import classes from "./Recommended.module.css";

/** What rules did to a list, as the server says it. */
export function AppliedRules({ applied }: { applied: Applied }) {
  const { rules, products, fitting, pins_left_out: pins, caps_reached: caps, notes } = applied;
  const told = [
    ...rules,
    ...caps.map(
      ({ column, value, at_most }) => `More than ${at_most} of ${column} ${value} would be listed`,
    ),
    ...pins.map(
      ({ product_id, place, reason }) => `Not at place ${place}: ${product_id}. ${reason}`,
    ),
    ...notes,
  ];
  return (
    <section aria-label="What the rules did" className={classes.note}>
      {count(fitting)} of {count(products)} products fit the rules.
      {told.length > 0 && (
        <ul>
          {told.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </section>
  );
}
