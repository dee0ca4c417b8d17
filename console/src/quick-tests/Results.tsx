import { Tabs } from "@mantine/core";
import { lazy, Suspense } from "react";
import { useSearchParams } from "react-router";
import type { MetricsReport, QuickTest } from "@/api/schema";
import { Rows } from "@/ui/Rows";
import { Details } from "./Details";
import { Measured } from "./Measured";
import classes from "./Results.module.css";
import { VerdictBox } from "./VerdictBox";
import { Vocabulary } from "./Vocabulary";
import { Warnings } from "./Warnings";

// What not everybody opens is loaded by those who do.
const Playground = lazy(() => import("./Playground"));
const SampleTensors = lazy(() => import("./SampleTensors"));
const GeneratedCode = lazy(() => import("./GeneratedCode"));
const UseThisModel = lazy(async () => ({
  default: (await import("@/in-use/UseThisModel")).UseThisModel,
}));

interface Props {
  test: QuickTest;
  results: MetricsReport;
}

/** A completed test: the verdict first, then what it rests on. */
export function Results({ test, results }: Props) {
  const [search, setSearch] = useSearchParams();
  const tab = search.get("tab") ?? "results";
  const { warnings, vocabulary } = test.status;
  return (
    <>
      <VerdictBox test={test} />
      <Tabs
        value={tab}
        onChange={(value) =>
          setSearch(value === "results" ? {} : { tab: value ?? "" }, { replace: true })
        }
        keepMounted={false}
        className={classes.tabs}
      >
        <Tabs.List>
          <Tabs.Tab value="results">Results</Tabs.Tab>
          <Tabs.Tab value="recommendations">Recommendations</Tabs.Tab>
          <Tabs.Tab value="features">Features</Tabs.Tab>
          <Tabs.Tab value="code">Code</Tabs.Tab>
          <Tabs.Tab value="use">Use</Tabs.Tab>
          <Tabs.Tab value="details">Details</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="results">
          <Warnings test={test} warnings={warnings} />
          <Measured test={test} results={results} />
        </Tabs.Panel>
        <Tabs.Panel value="recommendations">
          <Suspense fallback={<Rows count={5} height={56} />}>
            <Playground test={test} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="features">
          <Vocabulary reports={vocabulary} />
          <Suspense fallback={<Rows count={4} height={40} />}>
            <SampleTensors id={test.id} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="code">
          <Suspense fallback={<Rows count={1} height={480} />}>
            <GeneratedCode test={test} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="use">
          <Suspense fallback={<Rows count={3} height={72} />}>
            <UseThisModel quickTestId={test.id} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="details">
          <Details
            test={test}
            protocol={results.protocol}
            rows={results.rows ?? null}
            index={results.index ?? null}
          />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
