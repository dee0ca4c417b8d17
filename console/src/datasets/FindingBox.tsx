import { Anchor } from "@mantine/core";
import { IconAlertTriangle, IconArrowRight } from "@tabler/icons-react";
import { Link } from "react-router";
import type { Bar, Finding } from "@/api/schema";
import classes from "./FindingBox.module.css";

/** More than these are drawn as columns beside each other. */
const MOST_ROWS = 14;

/** What was found, how it is spread, and the next step. */
export function FindingBox({ finding, dataset }: { finding: Finding; dataset: string }) {
  const remedy = remedyOf(finding, dataset);
  return (
    <article className={classes.box} data-level={finding.level}>
      <h3 className={classes.title}>
        {finding.level === "warning" && (
          <IconAlertTriangle size={17} stroke={1.8} aria-label="To mend:" role="img" />
        )}
        {finding.label}
      </h3>
      <p className={classes.message}>{finding.message}</p>
      {finding.bars.length > MOST_ROWS ? (
        <Columns bars={finding.bars} label={finding.label} />
      ) : (
        finding.bars.length > 0 && <Bars bars={finding.bars} />
      )}
      <div className={classes.step}>
        <IconArrowRight size={16} stroke={1.8} aria-hidden="true" className={classes.arrow} />
        <p>
          {finding.next_step}{" "}
          {remedy && (
            <Anchor component={Link} to={remedy.to} inherit className={classes.remedy}>
              {remedy.label}
            </Anchor>
          )}
        </p>
      </div>
    </article>
  );
}

function Bars({ bars }: { bars: Bar[] }) {
  return (
    <dl className={classes.bars}>
      {bars.map(({ label, value, share }) => (
        <div key={label} className={classes.row}>
          <dt title={label}>{label}</dt>
          <dd>
            <span className={classes.track} aria-hidden="true">
              <span className={classes.fill} style={{ width: `${100 * share}%` }} />
            </span>
            <span className="num">{value}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Columns({ bars, label }: { bars: Bar[]; label: string }) {
  const [first, last] = [bars[0], bars[bars.length - 1]];
  return (
    <figure className={classes.columns}>
      <div
        role="img"
        aria-label={`${label}: ${bars.map((bar) => `${bar.label} ${bar.value}`).join(", ")}`}
      >
        {bars.map((bar) => (
          <span
            key={bar.label}
            title={`${bar.label}: ${bar.value}`}
            style={{ height: `${100 * bar.share}%` }}
          />
        ))}
      </div>
      <figcaption aria-hidden="true">
        <span>{first?.label}</span>
        <span>{last?.label}</span>
      </figcaption>
    </figure>
  );
}

function remedyOf({ remedy }: Finding, dataset: string): { label: string; to: string } | undefined {
  if (!remedy) return undefined;
  if (remedy === "features") {
    return { label: "Open the feature configs", to: `/features?dataset=${dataset}` };
  }
  if (remedy === "model") return { label: "Open the models", to: "/models" };
  if (remedy === "settings") return { label: "Start a test", to: "/tests/new" };
  return { label: "Open the dataset", to: `/datasets/${dataset}` };
}
