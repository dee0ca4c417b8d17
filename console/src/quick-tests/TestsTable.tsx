import { Anchor, Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { featureConfigs } from "@/api/featureConfigs";
import { modelConfigs } from "@/api/modelConfigs";
import { quickTests } from "@/api/quickTests";
import type { QuickTestSummary } from "@/api/schema";
import { mainOnes, said } from "@/results/metrics";
import { ago, duration, moment, NONE } from "@/ui/format";
import { StatusBadge } from "@/ui/StatusBadge";
import table from "@/ui/table.module.css";
import { useFirst } from "@/ui/useFirst";
import { Wide } from "@/ui/Wide";
import { testState } from "./stages";

interface Props {
  /** The latest of them. */
  tests: QuickTestSummary[];
  /** Where all are listed, if there are more. */
  all: string | null;
  /** What all of them are tests of; the other half is named in each row. */
  of: "features" | "model";
}

/** The quick tests of features, or of a model. */
export function TestsTable({ tests, all, of }: Props) {
  const [first, showMore] = useFirst(tests);
  const features = useQuery({ ...featureConfigs.listQuery, enabled: of === "model" });
  const models = useQuery({ ...modelConfigs.listQuery, enabled: of === "features" });
  const metrics = mainOnes().filter(
    ({ name }, place) =>
      place === 0 || tests.some(({ status }) => status.results?.metrics[name] !== undefined),
  );
  const others: { id: string; name: string }[] =
    (of === "features" ? models.data : features.data) ?? [];
  return (
    <>
      <Wide
        label={of === "features" ? "Quick tests of these features" : "Quick tests of this model"}
      >
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">Test</th>
              <th scope="col">State</th>
              <th scope="col">{of === "features" ? "Model" : "Features"}</th>
              <th scope="col" className={table.number}>
                Version
              </th>
              {metrics.map(({ name, label }) => (
                <th key={name} scope="col" className={table.number}>
                  {label}
                </th>
              ))}
              <th scope="col" className={table.number}>
                Duration
              </th>
              <th scope="col">Started</th>
            </tr>
          </thead>
          <tbody>
            {first.map((test) => {
              const { state, results, pinned, duration_seconds } = test.status;
              const { tone, label } = testState(state);
              const [other, version] =
                of === "features"
                  ? [test.spec.model_config_id, pinned?.feature_config_revision]
                  : [test.spec.feature_config_id, pinned?.model_config_revision];
              return (
                <tr key={test.id}>
                  <th scope="row">
                    <Anchor component={Link} to={quickTests.path(test.id)} inherit>
                      {test.name || "Quick test"}
                    </Anchor>
                  </th>
                  <td>
                    <StatusBadge tone={tone}>{label}</StatusBadge>
                  </td>
                  <td>{others.find(({ id }) => id === other)?.name ?? other}</td>
                  <td className={table.number}>{version ?? NONE}</td>
                  {metrics.map(({ name }) => (
                    <td key={name} className={table.number}>
                      {said(name, results?.metrics[name])}
                    </td>
                  ))}
                  <td className={table.number}>{duration(duration_seconds)}</td>
                  <td title={moment(test.created_at)}>{ago(test.created_at)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </Wide>
      {showMore ||
        (all && (
          <Button component={Link} to={all} variant="default" mt="md">
            Show all
          </Button>
        ))}
    </>
  );
}
