import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconClockHour4,
  IconLoader2,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./StatusBadge.module.css";

export type Tone = "good" | "warning" | "bad" | "running" | "waiting" | "quiet";

const ICONS = {
  good: IconCircleCheck,
  warning: IconAlertTriangle,
  bad: IconCircleX,
  running: IconLoader2,
  waiting: IconClockHour4,
  quiet: IconCircleDashed,
};

/** A state: a word, an icon and a colour. */
export function StatusBadge({ tone, children }: { tone: Tone; children: ReactNode }) {
  const Icon = ICONS[tone];
  return (
    <span className={classes.badge} data-tone={tone}>
      <Icon size={14} stroke={2} aria-hidden="true" className={classes.icon} />
      {children}
    </span>
  );
}
