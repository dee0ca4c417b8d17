import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { fieldErrors, messageOf } from "@/api/errors";
import { sampleSizeQuery } from "@/api/experiments";
import editor from "@/editing/editor.module.css";
import { NumberField } from "@/ui/NumberField";
import classes from "./Experiment.module.css";

/** How many customers it takes to find a change, and how many days. */
export function SizeForm({ share, perDay }: { share: number; perDay?: number | null }) {
  const [rate, setRate] = useState(5);
  const [change, setChange] = useState(10);
  const [typed, setPerDay] = useState<number | null>(null);
  const [asked] = useDebouncedValue(
    {
      ...{ rate_percent: rate, change_percent: change, share_percent: share, power_percent: 80 },
      customers_per_day: typed ?? perDay ?? null,
    },
    300,
  );
  const size = useQuery(sampleSizeQuery(asked));
  const errors = fieldErrors(size.error);
  const shown = ["rate_percent", "change_percent", "customers_per_day"];
  const other = size.error && !shown.some((name) => errors[name]);
  return (
    <>
      <div className={classes.size}>
        <NumberField
          label="Customers who buy now (%)"
          value={rate}
          onChange={setRate}
          above={0}
          max={100}
          error={errors.rate_percent}
        />
        <NumberField
          label="Change to find (% of that)"
          value={change}
          onChange={setChange}
          error={errors.change_percent}
        />
        <NumberField<number | null>
          label="New customers a day"
          value={typed}
          onChange={setPerDay}
          empty={perDay ? String(Math.round(perDay)) : "Not known"}
          above={0}
          error={errors.customers_per_day}
        />
      </div>
      <p className={classes.answer} aria-live="polite">
        {other ? messageOf(size.error) : !size.error && size.data?.sentence}
      </p>
      <p className={editor.quiet}>
        Decide how long it runs before it starts, and judge it then: whoever looks every day finds a
        difference by chance.
      </p>
    </>
  );
}
