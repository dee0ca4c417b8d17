import { ActionIcon, Autocomplete, Button, Switch } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useState } from "react";
import type { PastPurchase } from "@/api/schema";
import { NumberField } from "@/ui/NumberField";
import classes from "./PastPurchases.module.css";

interface Props {
  /** null: what the training data says of the customer. */
  value: PastPurchase[] | null;
  onChange: (value: PastPurchase[] | null) => void;
  /** Products to suggest: their names by id. */
  products: Map<string, string>;
}

const YEARS = 36_500; // days, the server's limit

/** What somebody bought before, in place of what the training data says. */
export function PastPurchases({ value, onChange, products }: Props) {
  const [typed, setTyped] = useState("");
  const [days, setDays] = useState(1);
  const known = [...products].find(([id, name]) => typed === label(id, name));
  const product = known?.[0] ?? typed.trim();
  function add(): void {
    if (!product || days < 0 || days > YEARS) return;
    onChange([...(value ?? []), { product_id: product, days_ago: days }]);
    setTyped("");
  }
  return (
    <div className={classes.past}>
      <Switch
        label="Other purchases"
        description="In place of what the customer bought in the training data."
        checked={value !== null}
        onChange={(event) => onChange(event.currentTarget.checked ? [] : null)}
      />
      {value && (
        <>
          {value.length > 0 && (
            <ul className={classes.list} aria-label="Purchases">
              {value.map(({ product_id, days_ago }, place) => (
                <li key={place}>
                  <span className={classes.product}>{products.get(product_id) ?? product_id}</span>
                  <span className={classes.days}>{daysAgo(days_ago)}</span>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    size="sm"
                    aria-label={`Remove ${products.get(product_id) ?? product_id}`}
                    onClick={() => onChange(value.filter((_, at) => at !== place))}
                  >
                    <IconX size={15} />
                  </ActionIcon>
                </li>
              ))}
            </ul>
          )}
          <form
            className={classes.add}
            onSubmit={(event) => {
              event.preventDefault();
              add();
            }}
          >
            <Autocomplete
              label="Product"
              placeholder="Id, or a name from the lists"
              data={[...new Set([...products].map(([id, name]) => label(id, name)))]}
              value={typed}
              onChange={setTyped}
              limit={20}
            />
            <NumberField
              label="Days ago"
              value={days}
              onChange={setDays}
              min={0}
              max={YEARS}
              className={classes.ago}
            />
            <Button
              type="submit"
              variant="default"
              leftSection={<IconPlus size={15} />}
              disabled={!product}
            >
              Add
            </Button>
          </form>
        </>
      )}
    </div>
  );
}

function label(id: string, name: string): string {
  return name === id ? id : `${name} (${id})`;
}

/** "today", "1 day ago", "12 days ago". */
export function daysAgo(days: number): string {
  const whole = Math.floor(days);
  if (whole < 1) return "today";
  return whole === 1 ? "1 day ago" : `${whole.toLocaleString("en")} days ago`;
}
