import { labelOf } from "@/api/catalogue";
import type { ModelType } from "@/api/schema";
import { meaningVariables } from "@/theme/meaning";
import classes from "./TypeBadge.module.css";
import { LOOKS } from "./types";

/** A model's type: an icon, a word and a colour. */
export function TypeBadge({ type }: { type: ModelType }) {
  const { icon: Icon, meaning } = LOOKS[type];
  return (
    <span className={classes.badge} style={meaningVariables(meaning)}>
      <Icon size={14} stroke={2} aria-hidden="true" />
      {labelOf("tasks", type)}
    </span>
  );
}
