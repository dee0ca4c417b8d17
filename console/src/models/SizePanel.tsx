import { Anchor, Select } from "@mantine/core";
import { Link } from "react-router";
import type { ModelConfigSpec, ParameterSummary } from "@/api/schema";
import { count } from "@/ui/format";
import classes from "./SizePanel.module.css";
import { shares } from "./sizes";
import { TypeDiagram } from "./TypeDiagram";
import type { FeatureChoice } from "./useFeatureChoice";

interface Props {
  spec: ModelConfigSpec;
  parameters: ParameterSummary | null;
  stale: boolean;
  choice: FeatureChoice;
}

/** The model as it is now, drawn and counted over some features. */
export function SizePanel({ spec, parameters, stale, choice }: Props) {
  const { configs, chosen, choose } = choice;
  return (
    <div className={classes.panel}>
      <TypeDiagram type={spec.model_type} spec={spec} />
      <h2 className={classes.heading}>Size of the model</h2>
      {configs?.length === 0 ? (
        <p className={classes.note}>
          {parameters &&
            `For example inputs, ${parameters.buyer_tower.input_width} (buyer) and ${parameters.product_tower.input_width} (product) wide. `}
          The real widths, and the embeddings, depend on the{" "}
          <Anchor component={Link} to="/features/new" inherit>
            features
          </Anchor>
          , which do not exist yet.
        </p>
      ) : (
        <Select
          label="Features"
          value={chosen}
          onChange={choose}
          data={(configs ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          allowDeselect={false}
          searchable={(configs?.length ?? 0) > 6}
          size="xs"
        />
      )}
      <Counted parameters={parameters} stale={stale} />
    </div>
  );
}

function Counted({ parameters, stale }: Pick<Props, "parameters" | "stale">) {
  const parts = parameters ? shares(parameters) : [];
  return (
    <div className={classes.counted} data-stale={stale || undefined} aria-busy={stale}>
      <div className={classes.total}>
        {parameters?.estimated && <span className={classes.about}>about </span>}
        {count(parameters?.total)}
        <span className={classes.unit}> parameters</span>
      </div>
      <div className={classes.bar} aria-hidden="true">
        {parts.map(({ name, share, colour }) => (
          <span key={name} style={{ width: `${share * 100}%`, background: colour }} />
        ))}
      </div>
      <dl className={classes.figures}>
        {parts.map(({ name, parameters: amount, colour }) => (
          <div key={name} className={classes.figure}>
            <dt>
              <span className={classes.dot} style={{ background: colour }} aria-hidden="true" />
              {name}
            </dt>
            <dd>{count(amount)}</dd>
          </div>
        ))}
        <div className={`${classes.figure} ${classes.rule}`}>
          <dt>Trainable</dt>
          <dd>{count(parameters?.trainable)}</dd>
        </div>
        <div className={classes.figure}>
          <dt>Non-trainable</dt>
          <dd>{count(parameters?.non_trainable)}</dd>
        </div>
      </dl>
      {parameters?.estimated && (
        <p className={classes.note}>
          Vocabulary sizes, and thus embeddings, are estimated until a first test has computed them.
        </p>
      )}
    </div>
  );
}
