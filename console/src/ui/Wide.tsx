import type { ReactNode } from "react";
import table from "./table.module.css";

interface Props {
  label: string;
  /** In a frame of bounded height: for what may be longer than the screen, too. */
  tall?: boolean;
  children: ReactNode;
}

/** Room for what may be wider than the screen: it scrolls by itself, with the keyboard too. */
export function Wide({ label, tall, children }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to take the focus
    <section className={table.scroll} data-tall={tall || undefined} aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
