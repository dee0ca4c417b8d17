import { percent } from "@/ui/format";
import { ValueButtons } from "@/ui/ValueButtons";
import classes from "./LayerModal.module.css";
import type { Layer } from "./layers";
import { BOUNDS } from "./settable";

type Dropout = Extract<Layer, { type: "dropout" }>;
type LayerNorm = Extract<Layer, { type: "layer_norm" }>;

export function DropoutForm({
  layer,
  onChange,
}: {
  layer: Dropout;
  onChange: (layer: Dropout) => void;
}) {
  return (
    <>
      <ValueButtons
        label={
          <>
            Share of values to leave out <span className={classes.term}>rate</span>
          </>
        }
        customLabel="Other dropout rate"
        values={[0.1, 0.2, 0.3, 0.5]}
        value={layer.rate}
        onChange={(rate) => onChange({ ...layer, rate })}
        step={0.05}
        {...BOUNDS.rate}
      >
        {percent(layer.rate, 0)} of the values are left out, others in each step.
      </ValueButtons>
      <div className={classes.note}>
        The tower cannot lean on single values, so that it generalizes better.
        <ul>
          <li>0.1 to 0.2 is light, and a good start</li>
          <li>0.3 to 0.5 is strong: only where a model clearly learns by heart</li>
        </ul>
        It acts in training only, never when the model is used.
      </div>
    </>
  );
}

export function LayerNormForm({
  layer,
  onChange,
}: {
  layer: LayerNorm;
  onChange: (layer: LayerNorm) => void;
}) {
  return (
    <ValueButtons
      label={
        <>
          Smallest variance <span className={classes.term}>epsilon</span>
        </>
      }
      customLabel="Other epsilon"
      values={[1e-7, 1e-6, 1e-5, 1e-3]}
      value={layer.epsilon}
      onChange={(epsilon) => onChange({ ...layer, epsilon })}
      format={(value) => (value < 1e-3 ? value.toExponential() : String(value))}
      {...BOUNDS.epsilon}
    >
      Keeps rows whose values are all equal finite. 1e-6 is right unless you know better.
    </ValueButtons>
  );
}
