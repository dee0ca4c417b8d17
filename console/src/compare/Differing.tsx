import { IconStarFilled } from "@tabler/icons-react";
import { Fragment } from "react";
import type { Comparison } from "@/api/schema";
import { Section } from "@/ui/Section";
import { Wide } from "@/ui/Wide";
import classes from "./Differing.module.css";

const SECTIONS = { features: "Features", model: "Model", test: "Test" };

/** Only the settings in which the tests differ, a column for each test. */
export function Differing({ comparison }: { comparison: Comparison }) {
  const tests = comparison.groups.flatMap((group) => group.rows);
  const { differing } = comparison;
  return (
    <Section
      title="Differences"
      lead={
        differing.length
          ? "Settings that are not the same in all of them, at the versions that were tested."
          : undefined
      }
    >
      {differing.length === 0 ? (
        <p>None: they have the same settings. Their results differ by chance.</p>
      ) : (
        <Wide label="Differences">
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">Setting</th>
                {tests.map((test) => (
                  <th key={test.quick_test_id} scope="col">
                    {test.best && <IconStarFilled size={12} role="img" aria-label="best" />}{" "}
                    {test.label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {(["features", "model", "test"] as const).map((section) => {
                const fields = differing.filter((field) => field.section === section);
                if (fields.length === 0) return null;
                return (
                  <Fragment key={section}>
                    <tr>
                      <th colSpan={tests.length + 1} scope="rowgroup" className={classes.section}>
                        {SECTIONS[section]}
                      </th>
                    </tr>
                    {fields.map(({ key, label }) => (
                      <tr key={key}>
                        <th scope="row">{label}</th>
                        {tests.map((test) => (
                          <td key={test.quick_test_id}>{test.fields[key]}</td>
                        ))}
                      </tr>
                    ))}
                  </Fragment>
                );
              })}
            </tbody>
          </table>
        </Wide>
      )}
    </Section>
  );
}
