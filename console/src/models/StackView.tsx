import type { ReactNode } from "react";
import type { PartParameters } from "@/api/schema";
import { meaningVariables } from "@/theme/meaning";
import { plural } from "@/ui/format";
import block from "./LayerBlock.module.css";
import { LayerFace } from "./LayerFace";
import { type Layer, layerMeaning, PARTS, type Part } from "./layers";
import stack from "./StackBuilder.module.css";
import { partWords } from "./sizes";

interface Props {
  part: Part;
  layers: Layer[];
  parameters: PartParameters | null | undefined;
  input: ReactNode;
}

/** A stack of layers to look at. */
export function StackView({ part, layers, parameters, input }: Props) {
  const { name, term } = PARTS[part];
  return (
    <section
      className={stack.stack}
      style={meaningVariables(part)}
      aria-label={`${name} (${term})`}
    >
      <header className={stack.header}>
        <h3 className={stack.name}>
          {name} <span className={stack.term}>{term}</span>
        </h3>
      </header>
      <div className={stack.input}>
        <span>{input}</span>
        {parameters && (
          <span className={stack.width}>{plural(parameters.input_width, "number")}</span>
        )}
      </div>
      <ol className={stack.layers}>
        {layers.map((layer, place) => {
          const output = place === layers.length - 1 && layer.type === "dense";
          return (
            <li
              key={place}
              className={block.block}
              style={meaningVariables(layerMeaning(layer, part, output))}
            >
              <div className={`${block.row} ${block.still}`}>
                <LayerFace layer={layer} output={output} parameters={parameters?.layers[place]} />
              </div>
            </li>
          );
        })}
      </ol>
      <footer className={stack.footer}>
        <span className={stack.total}>
          {plural(layers.length, "layer")}
          {parameters && `, ${partWords(parameters)}`}
        </span>
      </footer>
    </section>
  );
}
