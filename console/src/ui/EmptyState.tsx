import { Title } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./EmptyState.module.css";

interface Props {
  icon: ReactNode;
  title: string;
  /** What this place is for, and what to do first. */
  children: ReactNode;
  action?: ReactNode;
}

/** What a place shows that holds nothing yet: what it is for, and the first step. */
export function EmptyState({ icon, title, children, action }: Props) {
  return (
    <div className={classes.empty}>
      <div className={classes.icon} aria-hidden="true">
        {icon}
      </div>
      <Title order={2} className={classes.title}>
        {title}
      </Title>
      <div className={classes.text}>{children}</div>
      {action && <div className={classes.action}>{action}</div>}
    </div>
  );
}
