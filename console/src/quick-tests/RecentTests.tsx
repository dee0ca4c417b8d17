import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { quickTests } from "@/api/quickTests";
import type { QuickTestSummary } from "@/api/schema";
import { metricOf, said } from "@/results/metrics";
import { headline } from "@/results/verdict";
import { ago, duration } from "@/ui/format";
import { StatusBadge } from "@/ui/StatusBadge";
import classes from "./RecentTests.module.css";
import { testState } from "./stages";

const SHOWN = 4;

interface Props {
  /** Those that are chosen: tests of both come first, then those of either. */
  features: string | null;
  model: string | null;
}

/** What has been tested lately, so that nothing is tested twice and results can be held against. */
export function RecentTests({ features, model }: Props) {
  const tests = useQuery(quickTests.listQuery).data ?? [];
  const shown = nearest(tests, features, model).slice(0, SHOWN);
  if (shown.length === 0) return null;
  return (
    <section aria-labelledby="recent" className={classes.recent}>
      <h2 id="recent">Recent quick tests</h2>
      <ul>
        {shown.map((test) => {
          const { tone, label } = testState(test.status.state);
          const found = headline(test);
          return (
            <li key={test.id}>
              <Link to={quickTests.path(test.id)} title={test.name}>
                {test.name}
              </Link>
              <StatusBadge tone={tone}>{label}</StatusBadge>
              <span className={classes.facts}>
                {[
                  found && `${metricOf(found.metric).term} ${said(found.metric, found.value)}`,
                  test.status.duration_seconds && duration(test.status.duration_seconds),
                  ago(test.created_at),
                ]
                  .filter(Boolean)
                  .join(" · ")}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** Tests that share what is chosen before others; among equals, in their order. */
export function nearest(
  tests: QuickTestSummary[],
  features: string | null,
  model: string | null,
): QuickTestSummary[] {
  const shared = ({ spec }: QuickTestSummary) =>
    Number(spec.feature_config_id === features) + Number(spec.model_config_id === model);
  return tests.toSorted((a, b) => shared(b) - shared(a));
}
