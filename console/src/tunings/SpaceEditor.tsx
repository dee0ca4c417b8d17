import { Checkbox } from "@mantine/core";
import { boundsOf, tunableOf } from "@/api/catalogue";
import type { Searched } from "@/api/schema";
import { lower } from "@/ui/format";
import { NumberField } from "@/ui/NumberField";
import { NumbersField } from "@/ui/NumbersField";
import { changed } from "./draft";
import classes from "./NewTuningPage.module.css";
import { called, keyOf } from "./words";

interface Props {
  /** As chosen; null is the usual one. */
  space: Searched[] | null;
  usual: Searched[];
  onChange: (space: Searched[] | null) => void;
  error: (path: string) => string | undefined;
}

/** What is searched: each setting that these configs have, in or out, within bounds to edit. */
export function SpaceEditor({ space, usual, onChange, error }: Props) {
  const now = space ?? usual;
  return (
    <ul className={classes.space}>
      {usual.map((one) => {
        const key = keyOf(one);
        const place = now.findIndex((other) => keyOf(other) === key);
        const own = now[place] ?? one;
        const set = (to: Searched | null): void => onChange(changed(space, usual, key, to));
        return (
          <li key={key} className={classes.searched}>
            <Checkbox
              label={called(key)}
              description={
                one.column ? `A column of the ${one.tower} tower, in or out` : tunableOf(key)?.help
              }
              checked={place >= 0}
              onChange={(event) => set(event.currentTarget.checked ? own : null)}
            />
            {place >= 0 && !one.column && (
              <Range
                searched={own}
                onChange={set}
                error={(name) =>
                  error(`spec.space[${place}].${name}`) ?? error(`spec.space[${place}]`)
                }
              />
            )}
          </li>
        );
      })}
    </ul>
  );
}

interface RangeProps {
  searched: Searched;
  onChange: (to: Searched) => void;
  error: (name: string) => string | undefined;
}

function Range({ searched, onChange, error }: RangeProps) {
  const { setting, values, low, high } = searched;
  const tunable = tunableOf(setting);
  if (!tunable) return null;
  if (values) {
    return (
      <NumbersField
        label={`Values of ${lower(tunable.label)}`}
        value={values}
        onChange={(chosen) => onChange({ ...searched, values: chosen })}
        least={1}
        error={error("values")}
      />
    );
  }
  return (
    <div className={classes.range}>
      <NumberField
        label={`Lowest ${lower(tunable.label)}`}
        value={low ?? 0}
        onChange={(value) => onChange({ ...searched, low: value })}
        error={error("low")}
        {...boundsOf(tunable.bounds)}
      />
      <NumberField
        label={`Highest ${lower(tunable.label)}`}
        value={high ?? 0}
        onChange={(value) => onChange({ ...searched, high: value })}
        error={error("high")}
        {...boundsOf(tunable.bounds)}
      />
    </div>
  );
}
