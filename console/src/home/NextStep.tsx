import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { fixesQuery, quickTests } from "@/api/quickTests";
import type { QuickTestSummary } from "@/api/schema";
import { Fixes } from "@/quick-tests/Fixes";
import { Section } from "@/ui/Section";
import classes from "./HomePage.module.css";

/**
 * What helps most now, once something has been tested: the first change that the server has for the
 * best of what the latest test warns of, else the training of what is good, else another try.
 */
export function NextStep({ tests }: { tests: QuickTestSummary[] }) {
  const latest = tests.find(({ status }) => status.state === "completed");
  const id = latest?.id ?? "";
  const test = useQuery({ ...quickTests.query(id), enabled: latest !== undefined }).data;
  const fixes = useQuery({ ...fixesQuery(id), enabled: latest !== undefined });
  if (!test || fixes.isPending) return null;
  const [fix] = fixes.data?.items ?? [];
  const warning = test.status.warnings.find(
    ({ code, path }) => code === fix?.code && path === fix.path,
  );
  const good = test.status.verdict?.standing === "better";
  const trained = test.spec.purpose === "full_training";
  return (
    <Section title="Next step">
      <div className={classes.nextStep}>
        <p className={classes.of}>
          <Link to={quickTests.path(test.id)}>{test.name}</Link>
        </p>
        {fix && warning ? (
          <>
            <p>{warning.message}</p>
            <Fixes test={test} fixes={[fix]} />
          </>
        ) : (
          <>
            <p>
              {good
                ? trained
                  ? "It is clearly better than the baselines, and trained on all data."
                  : "It is clearly better than the baselines: train it on all data to use it."
                : "Change one thing, and see whether it gets better."}
            </p>
            <Button
              component={Link}
              to={good ? quickTests.path(test.id) : `/tests/new?from=${test.id}`}
              size="compact-sm"
            >
              {good ? "Open it" : "Change and test again"}
            </Button>
          </>
        )}
      </div>
    </Section>
  );
}
