import { Button, Group } from "@mantine/core";
import { IconStarFilled } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { quickTests } from "@/api/quickTests";
import type { Heatmap } from "@/api/schema";
import { FullTrainingButton } from "@/quick-tests/FullTraining";
import { metricOf, said } from "@/results/metrics";
import classes from "./Best.module.css";
import { bestOf } from "./bestOf";

/** The best combination, and what can be done with it. */
export function Best({ heatmap }: { heatmap: Heatmap }) {
  const best = bestOf(heatmap);
  const test = useQuery({ ...quickTests.query(best?.testId ?? ""), enabled: best !== null }).data;
  if (!best) return null;
  return (
    <section className={classes.best} aria-label="Best combination">
      <div>
        <div className={classes.name}>
          <IconStarFilled size={14} aria-hidden="true" />
          <span>
            Best: {metricOf(heatmap.metric).term} {said(heatmap.metric, best.value)}
          </span>
        </div>
        <div className={classes.settings}>{best.settings}</div>
      </div>
      <Group gap="xs">
        <Button component={Link} to={quickTests.path(best.testId)} variant="default">
          See the test
        </Button>
        {test?.status.state === "completed" && test.spec.purpose === "quick_test" && (
          <FullTrainingButton test={test} />
        )}
      </Group>
    </section>
  );
}
