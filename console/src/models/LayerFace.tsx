import type { LayerParameters } from "@/api/schema";
import { count } from "@/ui/format";
import classes from "./LayerFace.module.css";
import { type Layer, layerDetail, layerTitle } from "./layers";

interface Props {
  layer: Layer;
  output: boolean;
  parameters?: LayerParameters;
  /** The count is of an earlier draft. */
  stale?: boolean;
}

/** A layer in words: what it is, how it is set, how many parameters it has. */
export function LayerFace({ layer, output, parameters, stale }: Props) {
  const amount = parameters && parameters.trainable + parameters.non_trainable;
  return (
    <span className={classes.face}>
      <span className={classes.words}>
        <span className={classes.title}>{layerTitle(layer)}</span>
        <span className={classes.detail}>
          {layerDetail(layer)}
          {output && <span className={classes.output}> · output</span>}
        </span>
      </span>
      <span className={classes.amount} data-stale={stale || undefined}>
        {amount !== undefined && (
          <>
            {count(amount)}
            <span className={classes.unit}> parameters</span>
          </>
        )}
      </span>
    </span>
  );
}
