import { Anchor } from "@mantine/core";
import { Link } from "react-router";
import type { Problem, QuickTest } from "@/api/schema";
import { Notice } from "@/ui/Notice";
import { Section } from "@/ui/Section";
import { remedyOf } from "./remedies";
import classes from "./Warnings.module.css";

/** What the results warn of, each with the way to the setting that helps. */
export function Warnings({ test, warnings }: { test: QuickTest; warnings: Problem[] }) {
  if (warnings.length === 0) return null;
  return (
    <Section
      title={warnings.length === 1 ? "A warning" : `${warnings.length} warnings`}
      lead="What to know before you rely on the numbers, and what would help."
    >
      <ul className={classes.list}>
        {warnings.map((warning) => {
          const remedy = remedyOf(warning.code, test);
          return (
            <li key={`${warning.path} ${warning.code}`}>
              <Notice
                tone="warning"
                action={
                  <Anchor component={Link} to={remedy.to} size="sm" className={classes.remedy}>
                    {remedy.label}
                  </Anchor>
                }
              >
                {warning.message}
              </Notice>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
