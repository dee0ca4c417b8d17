import { Anchor } from "@mantine/core";
import { IconBulb } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { curvesQuery } from "@/api/learningCurves";
import { quickTests } from "@/api/quickTests";
import type { Curve, LearningCurves, Sweep } from "@/api/schema";
import { PointCurve } from "@/charts/PointCurve";
import { metricOf, said, saidDifference, saidRange } from "@/results/metrics";
import { VERDICT_TONE } from "@/results/verdict";
import { percentage, plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Rows } from "@/ui/Rows";
import { StatusBadge } from "@/ui/StatusBadge";
import table from "@/ui/table.module.css";
import { Wide } from "@/ui/Wide";
import classes from "./Curves.module.css";

const GAIN = { better: "Better", worse: "Worse", no_clear_difference: "No clear difference" };

/** What more customers and more epochs made of one config, and what follows of it. */
export function Curves({ sweep }: { sweep: Sweep }) {
  const at = sweep.status.tests.map(({ state }) => state).join(" ");
  const query = useQuery(curvesQuery(sweep.id, at));
  return (
    <Loaded query={query} skeleton={<Rows count={3} height={80} />}>
      {(found) => (
        <>
          {found.advice.length > 0 && (
            <ul className={classes.advice} aria-label="Advice">
              {found.advice.map(({ kind, sentence }) => (
                <li key={kind}>
                  <IconBulb size={18} stroke={1.8} aria-hidden="true" />
                  {sentence}
                </li>
              ))}
            </ul>
          )}
          <div className={classes.curves}>
            {found.curves.map((curve) => (
              <One key={curve.by} curve={curve} of={found} />
            ))}
          </div>
          <p className={classes.told}>{found.told}</p>
        </>
      )}
    </Loaded>
  );
}

function One({ curve, of }: { curve: Curve; of: LearningCurves }) {
  const { metric, baseline_label: baseline } = of;
  const dots = curve.points.flatMap(({ at, value, interval, baseline: other }) =>
    typeof value === "number"
      ? [{ at, label: curve.by === "customers" ? percentage(at) : `${at}`, value, interval, other }]
      : [],
  );
  return (
    <figure className={classes.figure}>
      <h3 className={classes.title}>
        {metric ? metricOf(metric).term : "Result"} <span>by {curve.label.toLowerCase()}</span>
      </h3>
      {metric && dots.length > 0 && (
        <>
          <PointCurve dots={dots} said={(value) => said(metric, value)} />
          <p className={classes.legend}>
            <span>this model, with its 95% interval</span>
            {baseline && <span className={classes.dashed}>{baseline}</span>}
          </p>
        </>
      )}
      <figcaption className={classes.table}>
        <Numbers curve={curve} metric={metric ?? null} />
      </figcaption>
    </figure>
  );
}

function Numbers({ curve, metric }: { curve: Curve; metric: string | null }) {
  return (
    <Wide label={`By ${curve.label.toLowerCase()}, in numbers`}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Trained on</th>
            <th scope="col" className={table.number}>
              {metric ? metricOf(metric).term : "Result"}
            </th>
            <th scope="col">Against the row before</th>
          </tr>
        </thead>
        <tbody>
          {curve.points.map((point) => (
            <tr key={point.quick_test_id}>
              <th scope="row">
                {point.state === "pending" ? (
                  point.label
                ) : (
                  <Anchor component={Link} to={quickTests.path(point.quick_test_id)} inherit>
                    {point.label}
                  </Anchor>
                )}
                <div className={classes.quiet}>
                  {curve.by === "customers" &&
                    typeof point.train_rows === "number" &&
                    plural(point.train_rows, "purchase")}
                  {typeof point.epochs === "number" && `stopped after ${point.epochs}`}
                </div>
              </th>
              <td className={table.number}>
                {metric && typeof point.value === "number" ? said(metric, point.value) : "–"}
                <div className={classes.quiet}>
                  {metric && point.interval && saidRange(metric, point.interval)}
                </div>
              </td>
              <td>
                {metric && point.verdict && point.difference && (
                  <>
                    <StatusBadge tone={VERDICT_TONE[point.verdict]}>
                      {GAIN[point.verdict]}
                    </StatusBadge>
                    <div className={classes.quiet}>{saidDifference(metric, point.difference)}</div>
                  </>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}
