import type { VocabularyReport } from "@/api/schema";
import { count, percent } from "@/ui/format";
import { Section } from "@/ui/Section";
import { StatusBadge, type Tone } from "@/ui/StatusBadge";
import table from "@/ui/table.module.css";
import { Wide } from "@/ui/Wide";
import classes from "./Vocabulary.module.css";

const TONES: Record<VocabularyReport["standing"], Tone> = {
  good: "good",
  some_unknown: "warning",
  much_unknown: "bad",
};

/** How much of each vocabulary was met again, and why not all of it. */
export function Vocabulary({ reports }: { reports: VocabularyReport[] }) {
  if (reports.length === 0) return null;
  return (
    <Section
      title="Vocabularies"
      lead="The values that a feature knows. The model cannot tell values outside of it apart: here is in how many held-out purchases that happened, and why."
    >
      <Wide label="Vocabularies">
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">Column</th>
              <th scope="col" className={table.number}>
                Size
              </th>
              <th scope="col" className={table.number}>
                Out-of-vocabulary rate
              </th>
              <th scope="col">Causes</th>
              <th scope="col">Status</th>
            </tr>
          </thead>
          <tbody>
            {reports.map((report) => {
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
                    {report.truncated && <span className={table.quiet}> (truncated)</span>}
                  </td>
                  <td className={table.number}>{percent(report.oov_rate)}</td>
                  <td>{report.causes || "–"}</td>
                  <td>
                    <StatusBadge tone={TONES[report.standing]}>{report.label}</StatusBadge>
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
