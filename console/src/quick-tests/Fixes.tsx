import { Button, Group } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import type { QuickTest, WarningFix } from "@/api/schema";
import classes from "./Warnings.module.css";

const FixDialog = lazy(() => import("./FixDialog"));

interface Props {
  test: QuickTest;
  /** Those of one warning, the best first. */
  fixes: WarningFix[];
}

/** What would help with a warning, each as a button that shows the change before it is made. */
export function Fixes({ test, fixes }: Props) {
  const [shown, setShown] = useState<WarningFix | null>(null);
  if (fixes.length === 0) return null;
  return (
    <>
      <Group gap="xs" mt="xs">
        {fixes.map((fix, place) => (
          <Button
            key={fix.label}
            title={fix.label}
            size="compact-sm"
            variant={place === 0 ? "filled" : "default"}
            onClick={() => setShown(fix)}
            className={classes.fix}
          >
            {fix.label}
          </Button>
        ))}
      </Group>
      {shown && (
        <Suspense>
          <FixDialog test={test} fix={shown} onClose={() => setShown(null)} />
        </Suspense>
      )}
    </>
  );
}
