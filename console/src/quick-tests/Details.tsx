import { Anchor } from "@mantine/core";
import { Link } from "react-router";
import type { EvaluationProtocol, IndexReport, QuickTest } from "@/api/schema";
import { count, moment, percent } from "@/ui/format";
import { Section } from "@/ui/Section";
import table from "@/ui/table.module.css";
import classes from "./Measured.module.css";
import { Timeline } from "./Timeline";

interface Props {
  test: QuickTest;
  protocol: EvaluationProtocol;
  index: IndexReport | null;
}

/** How it was measured, with which settings, and what happened. */
export function Details({ test, protocol, index }: Props) {
  const { spec, status } = test;
  const off = status.estimate_error;
  const measured: [string, React.ReactNode][] = [
    ["Sample", `${protocol.sample_percent} % by ${protocol.sample_by}, seed ${protocol.seed}`],
    [
      "Held back",
      `${protocol.split === "temporal" ? "the latest" : "a random"} ${percent(protocol.holdout_fraction, 0)} of the purchases`,
    ],
    ["Trained on", `${count(protocol.train_rows)} purchases`],
    [
      "Measured on",
      `${count(protocol.holdout_rows)} purchases of ${count(protocol.holdout_customers)} customers`,
    ],
    [
      "Bought before",
      typeof protocol.repeat_rows === "number" ? `${count(protocol.repeat_rows)} of them` : "–",
    ],
    ["To choose from", `${count(protocol.candidates)} products`],
    [
      "Products had before",
      protocol.seen_items_included ? "may be recommended again" : "are not recommended",
    ],
    ...(protocol.rating_column ? [["Rating", protocol.rating_column] as [string, string]] : []),
    ...(index
      ? [
          [
            "Found by",
            index.algorithm === "scann"
              ? `ScaNN, which finds ${percent(index.recall)} of the exact best`
              : "searching all products, which is exact",
          ] as [string, string],
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
    ["Epochs", String(spec.epochs)],
    ["Batch size", spec.batch_size_override ? count(spec.batch_size_override) : "the model's own"],
    ["Learning rate", spec.learning_rate_override ?? "the model's own"],
    ["Training seed", String(spec.training_seed ?? spec.seed)],
    [
      "Left out",
      spec.leave_out.map(({ tower, column }) => `${tower}: ${column}`).join(", ") || "nothing",
    ],
    ["Started", moment(status.started_at)],
    ["Ended", moment(status.ended_at)],
    [
      "Estimate was",
      off === null || off === undefined
        ? status.stages.some(({ reused }) => reused)
          ? "of a run that reuses nothing"
          : "–"
        : Math.abs(off) < 0.05
          ? "right"
          : `off: it took ${percent(Math.abs(off), 0)} ${off > 0 ? "longer" : "less"}`,
    ],
    ["Id", test.id],
    ["MLflow run", status.tracking.run_id ?? status.tracking.error ?? "none"],
  ];
  return (
    <>
      <div className={classes.columns} style={{ marginTop: 0 }}>
        <Section
          title="How it was measured"
          lead="Only tests that were measured alike are ever ranked."
        >
          <Facts facts={measured} />
        </Section>
        <Section title="Settings">
          <Facts facts={settings} />
        </Section>
      </div>
      <div className={classes.below}>
        <Section title="What happened">
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
