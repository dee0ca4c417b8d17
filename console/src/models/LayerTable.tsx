import { IconChevronRight } from "@tabler/icons-react";
import type { ParameterSummary, PartParameters } from "@/api/schema";
import { count } from "@/ui/format";
import advanced from "./AdvancedRetrieval.module.css";
import classes from "./LayerTable.module.css";
import { layerKind, PARTS, type Part } from "./layers";

interface Props {
  parameters: ParameterSummary | null;
  stale: boolean;
  open?: boolean;
}

/** Every embedding and layer with its output and parameters, as Keras' `model.summary()` has them. */
export function LayerTable({ parameters, stale, open }: Props) {
  if (!parameters) return null;
  const parts: [Part, PartParameters | null | undefined][] = [
    ["buyer", parameters.buyer_tower],
    ["product", parameters.product_tower],
    ["rating", parameters.rating_head],
  ];
  return (
    <details className={`${advanced.advanced} ${classes.summary}`} open={open}>
      <summary className={advanced.summary}>
        <IconChevronRight size={16} aria-hidden="true" className={advanced.chevron} />
        Layers
        <span className={advanced.hint}>model.summary()</span>
      </summary>
      <section
        className={classes.scroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        tabIndex={0}
        aria-label="Parameters, layer by layer"
      >
        <table className={classes.table} data-stale={stale || undefined}>
          <thead>
            <tr>
              <th scope="col">Layer</th>
              <th scope="col">Output</th>
              <th scope="col">Parameters</th>
            </tr>
          </thead>
          {parts.map(([part, counted]) => counted && <Rows key={part} part={part} of={counted} />)}
          <tfoot>
            <Sum label="Total parameters" value={parameters.total} />
            <Sum label="Trainable parameters" value={parameters.trainable} />
            <Sum label="Non-trainable parameters" value={parameters.non_trainable} />
          </tfoot>
        </table>
      </section>
      {parameters.shared_layers && (
        <p className={classes.note}>Both towers share their layers; the total counts them once.</p>
      )}
    </details>
  );
}

function Rows({ part, of }: { part: Part; of: PartParameters }) {
  return (
    <tbody>
      <tr className={classes.part}>
        <th scope="rowgroup">{PARTS[part].name}</th>
        <td>{shape(of.output_width)}</td>
        <td>{count(of.total)}</td>
      </tr>
      {of.embeddings.map(({ name, rows, dim, parameters, estimated }, place) => (
        <tr key={`embedding ${place}`}>
          <th scope="row">
            Embedding of {name}
            <span className={classes.quiet}>
              {" "}
              {estimated ? "about " : ""}
              {count(rows)} × {dim}
            </span>
          </th>
          <td>{shape(dim)}</td>
          <td>{count(parameters)}</td>
        </tr>
      ))}
      {of.layers.map(({ type, output_width, trainable, non_trainable }, place) => (
        <tr key={`layer ${place}`}>
          <th scope="row">{layerKind(type)?.keras ?? type}</th>
          <td>{shape(output_width)}</td>
          <td>{count(trainable + non_trainable)}</td>
        </tr>
      ))}
    </tbody>
  );
}

function Sum({ label, value }: { label: string; value: number }) {
  return (
    <tr>
      <th scope="row">{label}</th>
      <td />
      <td>{count(value)}</td>
    </tr>
  );
}

/** A tensor's shape as Keras writes it; the first axis is the batch. */
function shape(width: number): string {
  return `(None, ${width})`;
}
