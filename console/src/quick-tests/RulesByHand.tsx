import { Anchor, Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { datasets } from "@/api/datasets";
import { featureConfigs } from "@/api/featureConfigs";
import { ruleColumnsQuery } from "@/api/ruleSets";
import type { QuickTest, Rules } from "@/api/schema";
import { asDraft } from "@/editing/useFixed";
import { RulesForm } from "@/rules/RulesForm";
import { atRows, complete, count } from "@/rules/rules";
import classes from "./Playground.module.css";

interface Props {
  test: QuickTest;
  rules: Rules;
  onChange: (rules: Rules) => void;
  /** Of the last answer, by field path. */
  errors: Record<string, string>;
}

/** Filters, caps and pins to try out, beside those of a rule set; what is good becomes one. */
export function RulesByHand({ test, rules, onChange, errors }: Props) {
  const [open, setOpen] = useState(false);
  const features = useQuery({
    ...featureConfigs.query(test.spec.feature_config_id),
    enabled: open,
  });
  const datasetId = features.data?.spec.dataset_id ?? "";
  const dataset = useQuery({ ...datasets.query(datasetId), enabled: datasetId !== "" });
  const columns = useQuery(ruleColumnsQuery(datasetId));
  const some = count(complete(rules)) > 0;
  return (
    <div className={classes.byHand}>
      <Button
        variant="default"
        size="xs"
        aria-expanded={open}
        onClick={() => setOpen((before) => !before)}
      >
        Rules by hand{some ? `: ${count(complete(rules))}` : ""}
      </Button>
      {open && (
        <div className={classes.rules}>
          <RulesForm
            rules={rules}
            onChange={onChange}
            columns={columns.data ?? []}
            described={dataset.data?.status.columns}
            errors={atRows(errors, rules)}
          />
          {some && datasetId && (
            <Anchor
              component={Link}
              to="/in-use/rules/new"
              size="sm"
              {...asDraft({ dataset_id: datasetId, rules: complete(rules) })}
            >
              Save as a rule set
            </Anchor>
          )}
        </div>
      )}
    </div>
  );
}
