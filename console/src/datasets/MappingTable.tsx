import type { Column } from "@/api/schema";
import { count } from "@/ui/format";
import { Notice } from "@/ui/Notice";
import classes from "./MappingTable.module.css";
import { RoleSelect } from "./RoleSelect";
import { REQUIRED_ROLES, roleLabel, roleSide } from "./roles";
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
}

export function missingRoles(mapping: Record<string, string>): string[] {
  const given = Object.values(mapping);
  return REQUIRED_ROLES.filter((role) => !given.includes(role));
}

/** The columns of a dataset, what they mean, and what was found in them. */
export function MappingTable({ columns, mapping, onChange, errors, statistics }: Props) {
  const missing = missingRoles(mapping);
  return (
    <div>
      <table className={classes.table} data-statistics={statistics || undefined}>
        <thead>
          <tr>
            <th scope="col">Column</th>
            <th scope="col">Meaning</th>
            {statistics && (
              <>
                <th scope="col" className={classes.number}>
                  Different values
                </th>
                <th scope="col" className={classes.number}>
                  Missing
                </th>
                <th scope="col">Distribution</th>
                <th scope="col">Range and usual values</th>
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
                  <span className={classes.name} data-side={roleSide(role) ?? undefined}>
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
                </td>
                {statistics && (
                  <>
                    <td className={classes.number} data-label="Different values">
                      {count(column.statistics?.unique_count)}
                    </td>
                    <td className={classes.number} data-label="Missing">
                      {count(column.statistics?.null_count)}
                    </td>
                    <td className={classes.spread}>
                      <Spread column={column} />
                    </td>
                    <td className={classes.summary}>{summary(column)}</td>
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
            {missing
              .map((role) => `Choose the column of the ${roleLabel(role).toLowerCase()}.`)
              .join(" ")}
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
