import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { fixesQuery } from "@/api/quickTests";
import type { Problem, QuickTest } from "@/api/schema";
import { plural } from "@/ui/format";
import { Notice } from "@/ui/Notice";
import { Section } from "@/ui/Section";
import { Fixes } from "./Fixes";
import { remedyOf } from "./remedies";
import classes from "./Warnings.module.css";

/** What the results warn of, each with changes that would help and the way to the setting. */
export function Warnings({ test, warnings }: { test: QuickTest; warnings: Problem[] }) {
  const found = useQuery({ ...fixesQuery(test.id), enabled: warnings.length > 0 });
  if (warnings.length === 0) return null;
  return (
    <Section
      title={plural(warnings.length, "warning")}
      lead="What to know before relying on the numbers, and what helps."
    >
      <ul className={classes.list}>
        {alike(warnings).map(([warning, ...others]) => {
          const remedy = remedyOf(warning.code, test);
          return (
            <li key={warning.code}>
              <Notice
                tone="warning"
                action={
                  <Anchor component={Link} to={remedy.to} size="sm" className={classes.remedy}>
                    {remedy.label}
                  </Anchor>
                }
              >
                {warning.message}
                {others.length > 0 && (
                  <details className={classes.others}>
                    <summary>{others.length} more of this kind</summary>
                    <ul>
                      {others.map(({ path, message }) => (
                        <li key={path}>{message}</li>
                      ))}
                    </ul>
                  </details>
                )}
                <Fixes
                  test={test}
                  fixes={(found.data?.items ?? []).filter(({ code }) => code === warning.code)}
                />
              </Notice>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

/** Warnings of one kind together, in the order of the first of each. */
function alike(warnings: Problem[]): [Problem, ...Problem[]][] {
  const kinds = new Map<string, [Problem, ...Problem[]]>();
  for (const warning of warnings) {
    const kind = kinds.get(warning.code);
    if (kind) kind.push(warning);
    else kinds.set(warning.code, [warning]);
  }
  return [...kinds.values()];
}
