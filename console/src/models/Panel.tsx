import type { Icon } from "@tabler/icons-react";
import { type ReactNode, useId } from "react";
import { type Meaning, meaningVariables } from "@/theme/meaning";
import classes from "./Panel.module.css";

interface Props {
  title: string;
  meaning: Meaning;
  icon: Icon;
  children: ReactNode;
}

/** A part of the training, in its colour and with its icon. */
export function Panel({ title, meaning, icon: Icon, children }: Props) {
  const id = useId();
  return (
    <section className={classes.panel} style={meaningVariables(meaning)} aria-labelledby={id}>
      <h2 id={id} className={classes.title}>
        <Icon size={18} stroke={1.8} aria-hidden="true" />
        {title}
      </h2>
      <div className={classes.body}>{children}</div>
    </section>
  );
}
