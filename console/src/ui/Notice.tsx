import { IconAlertTriangle, IconCircleX, IconInfoCircle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./Notice.module.css";

const ICONS = { info: IconInfoCircle, warning: IconAlertTriangle, bad: IconCircleX };

interface Props {
  tone?: "info" | "warning" | "bad";
  title?: ReactNode;
  action?: ReactNode;
  children?: ReactNode;
}

/** Something to know here and now. Bad news are read out at once. */
export function Notice({ tone = "info", title, action, children }: Props) {
  const Icon = ICONS[tone];
  return (
    <div className={classes.notice} data-tone={tone} role={tone === "bad" ? "alert" : "note"}>
      <Icon size={17} stroke={1.8} aria-hidden="true" className={classes.icon} />
      <div className={classes.body}>
        {title && <div className={classes.title}>{title}</div>}
        {children && <div className={classes.text}>{children}</div>}
      </div>
      {action}
    </div>
  );
}
