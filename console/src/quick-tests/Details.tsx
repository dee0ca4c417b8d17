import { Anchor } from "@mantine/core";
import { Link } from "react-router";
import { settingOf, tunableOf } from "@/api/catalogue";
import type { EvaluationProtocol, IndexReport, QuickTest, SourceRows } from "@/api/schema";
import { epochWords } from "@/results/words";
import { count, exact, moment, percent, plural } from "@/ui/format";
import { Section } from "@/ui/Section";
import table from "@/ui/table.module.css";
import classes from "./Measured.module.css";
import { Timeline } from "./Timeline";

interface Props {
  test: QuickTest;
  protocol: EvaluationProtocol;
  rows: SourceRows | null;
  index: IndexReport | null;
}

function settingsWords(settings: Record<string, number>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${tunableOf(name)?.label ?? name} ${exact(value)}`)
    .join(", ");
}

/** How it was measured, with which settings, and what happened. */
export function Details({ test, protocol, rows, index }: Props) {
  const { spec, status } = test;
  const off = status.estimate_error;
  const measured: [string, React.ReactNode][] = [
    ["Sample and split", protocol.told],
    ...(rows ? ([["Rows read", rows.told.join(" ")]] as [string, string][]) : []),
    ["Trained on", plural(protocol.train_rows, "purchase")],
    [
      "Evaluated on",
      `${plural(protocol.holdout_rows, "purchase")} of ${plural(protocol.holdout_customers, "customer")}`,
    ],
    [
      "Repeat purchases",
      typeof protocol.repeat_rows === "number" ? `${count(protocol.repeat_rows)} of them` : "–",
    ],
    ["Candidates", plural(protocol.candidates, "product")],
    [
      "Products bought before",
      protocol.seen_items_included ? "are candidates, too" : "are not candidates",
    ],
    ...(protocol.rating_column ? [["Rating", protocol.rating_column] as [string, string]] : []),
    ...(index
      ? [
          [
            "Search",
            index.algorithm === "scann"
              ? `ScaNN, which finds ${percent(index.recall)} of the exact best products`
              : "brute force, which is exact",
          ] as [string, string],
        ]
      : []),
    ...(typeof index?.fitted_lists === "number"
      ? [
          ["Re-ranker", `fitted to the lists of ${plural(index.fitted_lists, "customer")}`] as [
            string,
            string,
          ],
        ]
      : []),
  ];
  const settings: [string, React.ReactNode][] = [
    [
      "Features",
      <Anchor key="f" component={Link} to={`/features/${spec.feature_config_id}`} inherit>
        version {status.pinned?.feature_config_revision ?? "–"}
      </Anchor>,
    ],
    [
      "Model",
      <Anchor key="m" component={Link} to={`/models/${spec.model_config_id}`} inherit>
        version {status.pinned?.model_config_revision ?? "–"}
      </Anchor>,
    ],
    ["Training", epochWords(test)],
    ["Batch size", spec.batch_size_override ? count(spec.batch_size_override) : "the model's"],
    ["Learning rate", spec.learning_rate_override ?? "the model's"],
    ["Training seed", String(spec.training_seed ?? spec.seed)],
    [
      "Columns left out",
      spec.leave_out.map(({ tower, column }) => `${tower}: ${column}`).join(", ") || "none",
    ],
    ...(Object.keys(spec.settings).length
      ? [
          [settingOf("quick_test", "settings").label, settingsWords(spec.settings)] as [
            string,
            string,
          ],
        ]
      : []),
    ["Started", moment(status.started_at)],
    ["Ended", moment(status.ended_at)],
    [
      "Estimate",
      off === null || off === undefined
        ? status.stages.some(({ reused }) => reused)
          ? "for a run that reuses nothing"
          : "–"
        : Math.abs(off) < 0.05
          ? "right"
          : `off: it took ${percent(Math.abs(off), 0)} ${off > 0 ? "longer" : "less time"}`,
    ],
    ["ID", test.id],
    ["MLflow run", status.tracking.run_id ?? status.tracking.error ?? "none"],
  ];
  return (
    <>
      <div className={classes.columns} style={{ marginTop: 0 }}>
        <Section
          title="How it was measured"
          lead="Only tests that were measured in the same way are ranked against each other."
        >
          <Facts facts={measured} />
        </Section>
        <Section title="Settings">
          <Facts facts={settings} />
        </Section>
      </div>
      <div className={classes.below}>
        <Section title="Timeline">
          <Timeline entries={status.timeline} />
        </Section>
      </div>
    </>
  );
}

function Facts({ facts }: { facts: [string, React.ReactNode][] }) {
  return (
    <dl className={table.facts}>
      {facts.map(([name, value]) => (
        <div key={name} style={{ display: "contents" }}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
