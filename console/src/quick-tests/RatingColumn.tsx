import { Select } from "@mantine/core";
import type { Dataset } from "@/api/schema";
import { number, plural } from "@/ui/format";
import { ratableColumns, ratingOf } from "./draft";
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
  const columns = ratableColumns(dataset);
  const shown = value ?? ratingOf(dataset);
  const found = columns.find(({ name }) => name === shown)?.statistics;
  return (
    <div className={classes.rating}>
      <Select
        label="Rating column"
        description="What the model predicts: a column of numbers, such as stars, revenue or quantity."
        placeholder={columns.length ? "Choose a column" : "This dataset has no numeric columns"}
        data={columns.map(({ name }) => name)}
        value={shown}
        onChange={onChange}
        error={error}
        searchable
        clearable={value !== null}
      />
      <div className={classes.statistics} aria-live="polite">
        {found ? (
          <>
            From {number(found.min)} to {number(found.max)}, {number(found.mean)} on average,{" "}
            {plural(found.unique_count, "unique value")}
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
