import { Button, Group } from "@mantine/core";
import { IconStarFilled } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { quickTests } from "@/api/quickTests";
import type { Heatmap } from "@/api/schema";
import { FullTrainingButton } from "@/quick-tests/FullTraining";
import classes from "./Best.module.css";

/** Which combination is best, if any, and what can be done with it. */
export function Best({ heatmap }: { heatmap: Heatmap }) {
  const best = heatmap.verdict?.best ?? null;
  const shown = best ?? heatmap.verdict?.leading[0];
  const test = useQuery({ ...quickTests.query(best ?? ""), enabled: best !== null }).data;
  if (!shown) return null;
  return (
    <section className={classes.best} aria-label="Best combination">
      <div className={classes.name}>
        {best && <IconStarFilled size={14} aria-hidden="true" />}
        <span>{heatmap.summary}</span>
      </div>
      <Group gap="xs">
        <Button component={Link} to={quickTests.path(shown)} variant="default">
          {best ? "Open the test" : "Open the test with the best value"}
        </Button>
        {test?.status.state === "completed" && test.spec.purpose === "quick_test" && (
          <FullTrainingButton test={test} />
        )}
      </Group>
    </section>
  );
}
