import { ChoiceCards } from "@/ui/ChoiceCards";
import { ValueButtons } from "@/ui/ValueButtons";
import classes from "./LayerModal.module.css";
import { ACTIVATIONS, type Activation, activationOf, type Dense, type Part } from "./layers";
import { BOUNDS } from "./settable";

interface Props {
  layer: Dense;
  part: Part;
  output: boolean;
  inStep: boolean;
  onChange: (layer: Dense) => void;
}

export function DenseForm({ layer, part, output, inStep, onChange }: Props) {
  const set = (changes: Partial<Dense>) => onChange({ ...layer, ...changes });
  if (output && part === "rating") {
    return (
      <>
        <p className={classes.note}>
          The rating head ends in one number, the rating, without an activation: the loss needs it
          as it is. With binary cross-entropy the served model turns it into a probability.
        </p>
        <L2 layer={layer} set={set} />
      </>
    );
  }
  return (
    <>
      <ValueButtons
        label={
          <>
            {output ? "Width of the embedding" : "Neurons"}{" "}
            <span className={classes.term}>units</span>
          </>
        }
        customLabel="Other number of units"
        values={output ? [8, 16, 32, 64, 128] : [32, 64, 128, 256, 512]}
        value={layer.units}
        onChange={(units) => set({ units })}
        integer
        {...(output && inStep ? { min: 8, max: 512 } : BOUNDS.units)}
      >
        {output && inStep
          ? "Both towers end in the same width: the other one is changed with it."
          : "More can learn more, and takes longer. Powers of 2 run fastest on GPUs."}
      </ValueButtons>
      <div>
        <ChoiceCards<Activation>
          label="Activation"
          value={activationOf(layer)}
          onChange={(activation) => set({ activation: activation === "none" ? null : activation })}
          minWidth="9rem"
          choices={(Object.keys(ACTIVATIONS) as Activation[]).map((value) => ({
            value,
            title: ACTIVATIONS[value].name,
          }))}
        />
        <p className={`${classes.note} ${classes.activation}`} aria-live="polite">
          <strong>{ACTIVATIONS[activationOf(layer)].name}.</strong>{" "}
          {ACTIVATIONS[activationOf(layer)].description}
        </p>
      </div>
      <L2 layer={layer} set={set} />
    </>
  );
}

function L2({ layer, set }: { layer: Dense; set: (changes: Partial<Dense>) => void }) {
  return (
    <ValueButtons
      label={
        <>
          Penalty on large weights <span className={classes.term}>L2 regularization</span>
        </>
      }
      customLabel="Other L2 regularization"
      values={[0, 0.001, 0.01, 0.1]}
      value={layer.l2_reg}
      onChange={(l2_reg) => set({ l2_reg })}
      step={0.001}
      format={(value) => (value === 0 ? "None" : String(value))}
      {...BOUNDS.l2_reg}
    >
      Against learning rows by heart. Begin with none; try 0.001 to 0.01 where tests get worse with
      more epochs.
    </ValueButtons>
  );
}
