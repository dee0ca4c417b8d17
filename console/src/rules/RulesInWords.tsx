import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { ruleSetTrialQuery } from "@/api/ruleSets";
import type { QuickTestSummary, RuleSetSpec } from "@/api/schema";
import classes from "@/editing/editor.module.css";
import { count } from "@/ui/format";
import { count as countRules } from "./rules";

interface Props {
  spec: RuleSetSpec;
  id?: string;
  /** Whose products are counted. */
  test?: QuickTestSummary;
}

/** The rules as the server says them, and how many of a model's products they leave. */
export function RulesInWords({ spec, id, test }: Props) {
  const [rested] = useDebouncedValue(spec, 300);
  const { data } = useQuery(ruleSetTrialQuery(rested, id));
  const some = countRules(rested.rules) > 0;
  const counted = useQuery({
    ...ruleSetTrialQuery(rested, id, test?.id),
    enabled: test !== undefined && some && data?.valid === true,
    retry: false,
  });
  const preview = some ? counted.data?.preview : null;
  const fitting = new Map(preview?.filters.map((one) => [one.filter, one.fitting]));
  const words = spec.dataset_id && some ? (data?.words ?? []) : [];
  return (
    <>
      <h2 className={classes.sideTitle}>In words</h2>
      {words.length === 0 ? (
        <p className={classes.quiet}>
          {spec.dataset_id ? "No rules yet: lists hold everything." : "Choose a dataset first."}
        </p>
      ) : (
        <ul className={classes.words}>
          {words.map((line) => (
            <li key={line}>
              {line}
              {fitting.has(line) && (
                <span className={classes.fitting}> · {count(fitting.get(line))} products</span>
              )}
            </li>
          ))}
        </ul>
      )}
      {preview && test && (
        <p className={classes.figure} aria-live="polite">
          <strong>
            {count(preview.fitting)} of {count(preview.products)}
          </strong>{" "}
          products of “{test.name}” fit all filters.
        </p>
      )}
    </>
  );
}
