import type { VocabularyReport } from "@/api/schema";
import { count, percent } from "@/ui/format";
import { Section } from "@/ui/Section";
import { StatusBadge } from "@/ui/StatusBadge";
import table from "@/ui/table.module.css";
import { Wide } from "@/ui/Wide";
import { causesOf, vocabularyStatus } from "./unknown";
import classes from "./Vocabulary.module.css";

/** How much of each vocabulary was met again, and why not all of it. */
export function Vocabulary({ reports }: { reports: VocabularyReport[] }) {
  if (reports.length === 0) return null;
  return (
    <Section
      title="Vocabularies"
      lead="A vocabulary is the list of values that a feature knows. What is not in it, the model cannot tell apart: in how many of the purchases held back that was so, and why."
    >
      <Wide label="Vocabularies">
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">Column</th>
              <th scope="col" className={table.number}>
                Values known
              </th>
              <th scope="col" className={table.number}>
                Unknown <span className={table.quiet}>OOV rate</span>
              </th>
              <th scope="col">Because</th>
              <th scope="col">Status</th>
            </tr>
          </thead>
          <tbody>
            {reports.map((report) => {
              const status = vocabularyStatus(report);
              return (
                <tr key={`${report.tower} ${report.key}`}>
                  <th scope="row">
                    {report.column}{" "}
                    <span className={classes.tower} data-tower={report.tower}>
                      {report.tower}
                    </span>
                  </th>
                  <td className={table.number}>
                    {count(report.vocabulary_size)}
                    {report.truncated && <span className={table.quiet}> (cut off)</span>}
                  </td>
                  <td className={table.number}>{percent(report.oov_rate)}</td>
                  <td>{causesOf(report)}</td>
                  <td>
                    <StatusBadge tone={status.tone}>{status.label}</StatusBadge>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </Wide>
    </Section>
  );
}
