import { Anchor } from "@mantine/core";
import { Link } from "react-router";
import type { QuickTest } from "@/api/schema";
import { LossCurve } from "@/charts/LossCurve";
import { Notice } from "@/ui/Notice";
import { Section } from "@/ui/Section";
import classes from "./Ended.module.css";
import { Stages } from "./Progress";
import { STAGES } from "./stages";
import { Timeline } from "./Timeline";

/** A test that ended without results: why, and what to do. */
export function Ended({ test }: { test: QuickTest }) {
  const { status, spec } = test;
  const problems = status.validation.problems.filter(({ level }) => level === "error");
  const during = status.error?.stage ? STAGES[status.error.stage] : null;
  return (
    <>
      {status.state === "cancelled" ? (
        <Notice title="This test was cancelled.">
          It has no results. Start it again with the same settings, or change them first.
        </Notice>
      ) : (
        <Notice
          tone="bad"
          title={during ? `The test failed: ${during.words}.` : "The test could not be started."}
        >
          <p className={classes.why}>{status.error?.message ?? "The system gave no reason."}</p>
          {problems.length > 0 && (
            <ul className={classes.problems}>
              {problems.map(({ path, message }) => (
                <li key={`${path} ${message}`}>{message}</li>
              ))}
            </ul>
          )}
        </Notice>
      )}
      {status.state === "failed" && (
        <Section title="What to do">
          <ul className={classes.advice}>
            <li>
              <Anchor component={Link} to={`/tests/new?from=${test.id}`}>
                Change the settings and test again
              </Anchor>
              .
            </li>
            <li>
              If the error names a column or a feature, see{" "}
              <Anchor component={Link} to={`/features/${spec.feature_config_id}`}>
                the features
              </Anchor>
              ; if it names layers, the loss or the learning rate,{" "}
              <Anchor component={Link} to={`/models/${spec.model_config_id}`}>
                the model
              </Anchor>
              .
            </li>
            <li>
              If a machine or a service was unavailable, start it again with the same settings.
            </li>
          </ul>
        </Section>
      )}
      {status.stages.length > 0 && (
        <Section title="Stages">
          <Stages test={test} now={Date.now()} />
        </Section>
      )}
      {status.epochs.length > 0 && (
        <Section title="Loss">
          <LossCurve epochs={status.epochs} planned={spec.epochs} />
        </Section>
      )}
      <Section title="Timeline">
        <Timeline entries={status.timeline} />
      </Section>
    </>
  );
}
