import type { Column } from "@/api/schema";
import { count } from "@/ui/format";
import { Notice } from "@/ui/Notice";
import classes from "./MappingTable.module.css";
import { RoleSelect } from "./RoleSelect";
import { missingRoles, roleLabel, roleSide } from "./roles";
import { Spread } from "./Spread";
import { summary, TYPE_WORDS } from "./statistics";

const PATH = "spec.column_mapping";

interface Props {
  columns: Column[];
  mapping: Record<string, string>;
  onChange: (mapping: Record<string, string>) => void;
  /** By field path, as the API has them. */
  errors: Record<string, string>;
  /** Shows what was found in the columns too. */
  statistics?: boolean;
  /** Why columns have the roles that were guessed. */
  reasons?: Record<string, string>;
}

/** The columns of a dataset, what they mean, and what was found in them. */
export function MappingTable({ columns, mapping, onChange, errors, statistics, reasons }: Props) {
  const missing = missingRoles(mapping);
  return (
    <div>
      <table className={classes.table} data-statistics={statistics || undefined}>
        <thead>
          <tr>
            <th scope="col">Column</th>
            <th scope="col">Role</th>
            {statistics && (
              <>
                <th scope="col" className={classes.number}>
                  Unique values
                </th>
                <th scope="col" className={classes.number}>
                  Missing
                </th>
                <th scope="col">Distribution</th>
                <th scope="col">Range and examples</th>
              </>
            )}
          </tr>
        </thead>
        <tbody>
          {columns.map((column) => {
            const role = mapping[column.name];
            const others = Object.entries(mapping).filter(([name]) => name !== column.name);
            return (
              <tr key={column.name}>
                <th scope="row">
                  <span
                    className={classes.name}
                    data-side={roleSide(role) ?? undefined}
                    title={column.name}
                  >
                    {column.name}
                  </span>
                  <span className={classes.type} title={column.type}>
                    {TYPE_WORDS[column.type]}
                  </span>
                </th>
                <td className={classes.role}>
                  <RoleSelect
                    column={column.name}
                    role={role}
                    taken={new Set(others.map(([, taken]) => taken))}
                    error={errors[`${PATH}.${column.name}`]}
                    onChange={(chosen) =>
                      onChange(
                        Object.fromEntries(chosen ? [...others, [column.name, chosen]] : others),
                      )
                    }
                  />
                  {role && reasons?.[column.name] && (
                    <span className={classes.type}>{reasons[column.name]}</span>
                  )}
                </td>
                {statistics && (
                  <>
                    <td className={classes.number} data-label="Unique values">
                      {count(column.statistics?.unique_count)}
                    </td>
                    <td className={classes.number} data-label="Missing">
                      {count(column.statistics?.null_count)}
                    </td>
                    <td className={classes.spread}>
                      <Spread column={column} />
                    </td>
                    <td className={classes.summary} title={summary(column)}>
                      <span>{summary(column)}</span>
                    </td>
                  </>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
      {missing.length > 0 && (
        <div className={classes.missing}>
          <Notice tone="warning">
            {missing.map((role) => `Choose the ${roleLabel(role).toLowerCase()} column.`).join(" ")}
          </Notice>
        </div>
      )}
      {errors[PATH] && (
        <div className={classes.missing}>
          <Notice tone="bad">{errors[PATH]}</Notice>
        </div>
      )}
    </div>
  );
}
