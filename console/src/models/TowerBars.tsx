import { labelOf } from "@/api/catalogue";
import type { ModelConfigSpec } from "@/api/schema";
import { meaningVariables } from "@/theme/meaning";
import { lower } from "@/ui/format";
import { type Layer, neurons, PARTS, type Part, widths, widthsText } from "./layers";
import classes from "./TowerBars.module.css";
import { rates } from "./types";

const NAMES: Record<Part, string> = { buyer: "Buyer", product: "Product", rating: "Rating" };

/** The stacks of layers that a config uses. */
export function partsOf(spec: ModelConfigSpec): { part: Part; layers: Layer[] }[] {
  const parts: Part[] = rates(spec) ? ["buyer", "product", "rating"] : ["buyer", "product"];
  return parts.map((part) => ({ part, layers: spec[PARTS[part].field] }));
}

/** Neurons of a config's largest stack, to draw bars to one scale. */
export function largest(spec: ModelConfigSpec): number {
  return Math.max(1, ...partsOf(spec).map(({ layers }) => neurons(layers)));
}

/** Each stack as a bar, as long as it has neurons; `scale` neurons fill the width. */
export function TowerBars({ spec, scale }: { spec: ModelConfigSpec; scale: number }) {
  return (
    <dl className={classes.bars}>
      {partsOf(spec).map(({ part, layers }) => (
        <div key={part} className={classes.part} style={meaningVariables(part)}>
          <dt className={classes.name}>{NAMES[part]}</dt>
          <dd className={classes.widths}>
            {widthsText(layers)}
            {extras(layers) && <span className={classes.extras}> + {extras(layers)}</span>}
          </dd>
          <dd className={classes.track} aria-hidden="true">
            {widths(layers).map((units, place) => (
              <span
                key={place}
                className={classes.segment}
                style={{ width: `${(units / scale) * 100}%` }}
              />
            ))}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** The layers between the dense ones, by name: `dropout, batch norm`. */
function extras(layers: Layer[]): string {
  const kinds = new Set(layers.map(({ type }) => type).filter((type) => type !== "dense"));
  return [...kinds].map((kind) => lower(labelOf("layers", kind))).join(", ");
}
