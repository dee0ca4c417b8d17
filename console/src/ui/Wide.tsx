import type { ReactNode } from "react";
import table from "./table.module.css";

/** Room for what may be wider than the screen: it scrolls by itself, with the keyboard too. */
export function Wide({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to take the focus
    <section className={table.scroll} aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
