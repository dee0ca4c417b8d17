import type { ReactNode } from "react";
import type { ModelConfigSpec, ModelType } from "@/api/schema";
import type { Meaning } from "@/theme/meaning";
import { widths } from "./layers";
import classes from "./TypeDiagram.module.css";

const SAID: Record<ModelType, string> = {
  retrieval:
    "A buyer tower and a product tower each end in an embedding. Their dot product is the similarity.",
  ranking:
    "The embeddings of a buyer tower and a product tower are concatenated and go through a rating head, which gives the rating.",
  multitask:
    "A buyer tower and a product tower each end in an embedding. Their dot product is the similarity; concatenated, they go through a rating head, which gives the rating. Both losses are weighted.",
};

interface Props {
  type: ModelType;
  /** Draws the towers of this config, not just any. */
  spec?: ModelConfigSpec;
}

const ANY = [72, 52, 32];

/** How a type of model is built, from features at the top to its answer at the bottom. */
export function TypeDiagram({ type, spec }: Props) {
  const buyer = spec ? widths(spec.buyer_tower_layers) : ANY;
  const product = spec ? widths(spec.product_tower_layers) : ANY;
  const widest = spec ? Math.max(1, ...buyer, ...product) : 90;
  return (
    <svg viewBox="0 0 260 208" className={classes.diagram} role="img" aria-label={SAID[type]}>
      <Tower x={12} meaning="buyer" name="Buyer" layers={buyer} widest={widest} />
      <Tower x={148} meaning="product" name="Product" layers={product} widest={widest} />
      {type === "retrieval" && <Retrieval />}
      {type === "ranking" && <Ranking />}
      {type === "multitask" && <Multitask />}
    </svg>
  );
}

function Retrieval() {
  return (
    <>
      <Line d="M62 84 V112 H130 M198 84 V112 H130 M130 112 V124" />
      <Operation x={130} y={134}>
        dot product
      </Operation>
      <Line d="M130 146 V166" arrow />
      <Answer x={130} y={182} meaning="buyer">
        similarity
      </Answer>
    </>
  );
}

function Ranking() {
  return (
    <>
      <Line d="M62 84 V98 H130 M198 84 V98 H130 M130 98 V104" />
      <Operation x={130} y={114}>
        concat
      </Operation>
      <Line d="M130 126 V134" arrow />
      <Box x={84} y={136} width={92} height={26} meaning="rating">
        Rating head
      </Box>
      <Line d="M130 162 V174" arrow />
      <Answer x={130} y={190} meaning="rating">
        rating
      </Answer>
    </>
  );
}

function Multitask() {
  return (
    <>
      <Line d="M62 84 V104 M62 92 H198 M198 84 V104" />
      <Operation x={62} y={114}>
        dot product
      </Operation>
      <Operation x={198} y={114}>
        concat
      </Operation>
      <Line d="M198 126 V134" arrow />
      <Box x={152} y={136} width={92} height={26} meaning="rating">
        Rating head
      </Box>
      <Line d="M62 126 V136" arrow />
      <Answer x={62} y={149} meaning="buyer">
        similarity
      </Answer>
      <Line d="M62 158 V190 H84 M198 162 V190 H176" />
      <Box x={84} y={177} width={92} height={26} meaning="multitask">
        weighted loss
      </Box>
    </>
  );
}

interface TowerProps {
  x: number;
  meaning: Meaning;
  name: string;
  /** Widths from the input on. */
  layers: number[];
  widest: number;
}

const WIDE = 86;
const HIGH = 46;

function Tower({ x, meaning, name, layers, widest }: TowerProps) {
  const step = Math.min(14, HIGH / Math.max(1, layers.length));
  return (
    <>
      <Box x={x} y={8} width={100} height={76} meaning={meaning}>
        {name}
      </Box>
      {layers.map((units, place) => {
        const width = Math.max(3, (units / widest) * WIDE);
        return (
          <rect
            key={place}
            x={x + 50 - width / 2}
            y={33 + place * step}
            width={width}
            height={Math.max(1, step - 4)}
            rx={2}
            style={{ fill: `var(--${meaning})` }}
          />
        );
      })}
    </>
  );
}

interface BoxProps {
  x: number;
  y: number;
  width: number;
  height: number;
  meaning: Meaning;
  children: string;
}

function Box({ x, y, width, height, meaning, children }: BoxProps) {
  return (
    <>
      <rect
        x={x}
        y={y}
        width={width}
        height={height}
        rx={6}
        style={{ fill: `var(--${meaning}-soft)`, stroke: `var(--${meaning}-line)` }}
      />
      <text
        x={x + width / 2}
        y={y + 17}
        className={classes.name}
        style={{ fill: `var(--${meaning}-text)` }}
      >
        {children}
      </text>
    </>
  );
}

interface TextProps {
  x: number;
  y: number;
  children: ReactNode;
}

function Operation({ x, y, children }: TextProps) {
  return (
    <>
      <rect x={x - 38} y={y - 10} width={76} height={22} rx={11} className={classes.operation} />
      <text x={x} y={y + 5} className={classes.small}>
        {children}
      </text>
    </>
  );
}

function Answer({ x, y, meaning, children }: TextProps & { meaning: Meaning }) {
  return (
    <text x={x} y={y} className={classes.name} style={{ fill: `var(--${meaning}-text)` }}>
      {children}
    </text>
  );
}

function Line({ d, arrow }: { d: string; arrow?: boolean }) {
  const end = /M([\d.]+) [\d.]+ V([\d.]+)$/.exec(d);
  return (
    <>
      <path d={d} className={classes.line} />
      {arrow && end && (
        <path
          d={`M${Number(end[1]) - 4} ${Number(end[2]) - 5} l4 5 l4 -5`}
          className={classes.line}
        />
      )}
    </>
  );
}
