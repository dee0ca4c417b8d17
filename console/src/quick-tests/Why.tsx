import { UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { explanationsQuery } from "@/api/predictions";
import type { ExplainedGroup, PredictionRequest } from "@/api/schema";
import { Loaded } from "@/ui/Loaded";
import { Rows } from "@/ui/Rows";
import classes from "./Why.module.css";

interface Props {
  /** Of the quick test. */
  id: string;
  asked: PredictionRequest;
  productId: string;
}

/** Why a product was recommended: bars that add up to its score. */
export function Why({ id, asked, productId }: Props) {
  const explained = useQuery(explanationsQuery(id, asked));
  return (
    <Loaded query={explained} skeleton={<Rows count={4} height={24} />}>
      {({ recommendations }) => {
        const product = recommendations.find(({ product_id }) => product_id === productId);
        const why = product?.explanation;
        if (!product || !why) return <p className={classes.note}>The model gave another answer.</p>;
        const added = why.groups.filter(({ side }) => side !== null);
        const values = added.flatMap(({ value, parts }) => [
          value,
          ...parts.map((part) => part.value),
        ]);
        const most = Math.max(...values.map(Math.abs), 1e-9);
        return (
          <div className={classes.why}>
            <ul className={classes.groups}>
              {why.groups.map((group) => (
                <Group key={group.key} group={group} most={most} />
              ))}
              <li className={classes.row} data-total>
                <span className={classes.label}>Score</span>
                <span />
                <span className={classes.value}>{product.score.toFixed(3)}</span>
              </li>
            </ul>
            <p className={classes.note}>{why.method_words}</p>
          </div>
        );
      }}
    </Loaded>
  );
}

/** A group's bar, and on demand those of its parts. */
function Group({ group, most }: { group: ExplainedGroup; most: number }) {
  const [open, setOpen] = useState(false);
  const { name, detail, value, side, parts } = group;
  const label = (
    <span className={classes.label}>
      {name} {detail && <span className={classes.detail}>{detail}</span>}
    </span>
  );
  return (
    <li>
      <div className={classes.row}>
        {parts.length > (detail ? 1 : 0) ? (
          <UnstyledButton
            className={classes.toggle}
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            <IconChevronRight className={classes.chevron} size={14} aria-hidden="true" />
            {label}
          </UnstyledButton>
        ) : (
          <span className={classes.alone}>{label}</span>
        )}
        {side ? <Bar value={value} most={most} side={side} /> : <Start value={value} />}
      </div>
      {open && (
        <ul className={classes.parts}>
          {parts.map((part) => (
            <li key={part.product_id ?? part.name} className={classes.row}>
              <span className={classes.label}>
                {part.name} {part.detail && <span className={classes.detail}>{part.detail}</span>}
              </span>
              <Bar value={part.value} most={most} side={side} />
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

/** Where the score starts from: a number, of which nothing is drawn. */
function Start({ value }: { value: number }) {
  return (
    <>
      <span />
      <span className={classes.value}>{value.toFixed(3).replace("-", "−")}</span>
    </>
  );
}

/** `+0.250`, `−0.250` */
function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
}

interface BarProps {
  value: number;
  /** The largest on the same scale. */
  most: number;
  side: ExplainedGroup["side"];
}

/** To the right of the line for what speaks for the product, to the left for what speaks against. */
function Bar({ value, most, side }: BarProps) {
  const width = (50 * Math.abs(value)) / most;
  return (
    <>
      <span className={classes.track} aria-hidden="true">
        <i
          className={classes.bar}
          data-side={side}
          style={{ left: `${value < 0 ? 50 - width : 50}%`, width: `${width}%` }}
        />
      </span>
      <span className={classes.value}>{signed(value)}</span>
    </>
  );
}
