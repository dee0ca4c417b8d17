import type { RulesVerdict } from "@/api/schema";
import { metricOf, said, saidDifference } from "@/results/metrics";
import { VERDICT_TONE, VERDICT_WORDS } from "@/results/verdict";
import { Section } from "@/ui/Section";
import { StatusBadge } from "@/ui/StatusBadge";
import table from "@/ui/table.module.css";
import { Wide } from "@/ui/Wide";

/** What the rule set costs that a test was measured under, as the server says it. */
export function UnderRules({ rules }: { rules: RulesVerdict }) {
  const [first, ...others] = rules.sentences;
  return (
    <Section title={`Under the rules “${rules.name}”`} lead={first}>
      {others.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {rules.metrics && rules.metrics.length > 0 && (
        <Wide label="Metrics under the rules">
          <table className={table.table}>
            <thead>
              <tr>
                <th scope="col">Metric</th>
                <th scope="col" className={table.number}>
                  Without
                </th>
                <th scope="col" className={table.number}>
                  Under the rules
                </th>
                <th scope="col" className={table.number}>
                  Difference, 95% interval
                </th>
                <th scope="col">The rules make it</th>
              </tr>
            </thead>
            <tbody>
              {rules.metrics.map(({ metric, label, without, under, difference, verdict }) => (
                <tr key={metric}>
                  <th scope="row" title={metricOf(metric).words}>
                    {label}
                  </th>
                  <td className={table.number}>{said(metric, without)}</td>
                  <td className={table.number}>{said(metric, under)}</td>
                  <td className={table.number}>
                    {difference ? saidDifference(metric, difference) : "–"}
                  </td>
                  <td>
                    {verdict ? (
                      <StatusBadge tone={VERDICT_TONE[verdict]}>
                        {VERDICT_WORDS[verdict].toLowerCase()}
                      </StatusBadge>
                    ) : (
                      "–"
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      )}
      <p className={table.quiet}>
        Revision {rules.revision}: {rules.told.join("; ")}.
      </p>
    </Section>
  );
}
