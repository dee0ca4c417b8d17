import { Select } from "@mantine/core";
import type { Dataset } from "@/api/schema";
import { number, plural } from "@/ui/format";
import { Term } from "@/ui/Term";
import { numericColumns } from "./draft";
import classes from "./RatingColumn.module.css";

interface Props {
  dataset: Dataset | undefined;
  value: string | null;
  onChange: (column: string | null) => void;
  error?: string;
  warning?: string;
}

/** What a ranking or multitask model predicts: a column of numbers. */
export function RatingColumn({ dataset, value, onChange, error, warning }: Props) {
  const columns = numericColumns(dataset);
  const found = columns.find(({ name }) => name === value)?.statistics;
  return (
    <div className={classes.rating}>
      <Select
        label={<Term term="rating column">What the model predicts</Term>}
        description="A column of numbers: stars, revenue, quantity. Models that only find products need none."
        placeholder={columns.length ? "Choose a column" : "This dataset has no numbers"}
        data={columns.map(({ name }) => name)}
        value={value}
        onChange={onChange}
        error={error}
        searchable
        clearable
      />
      <div className={classes.statistics} aria-live="polite">
        {found ? (
          <>
            From {number(found.min)} to {number(found.max)}, {number(found.mean)} on average,{" "}
            {plural(found.unique_count, "different value")}
            {found.null_count > 0 && `, missing in ${plural(found.null_count, "purchase")}`}.
          </>
        ) : (
          "Its range and mean are shown here."
        )}
        {warning && <div className={classes.warning}>{warning}</div>}
      </div>
    </div>
  );
}
