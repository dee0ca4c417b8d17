import type { VocabularyReport } from "@/api/schema";
import { percent } from "@/ui/format";
import type { Tone } from "@/ui/StatusBadge";

// Beyond a fifth the system warns (docs/comparing.md).
const HIGH = 0.2;
const SOME = 0.05;

export function vocabularyStatus(report: VocabularyReport): { tone: Tone; label: string } {
  if (report.oov_rate > HIGH) return { tone: "bad", label: "Much unknown" };
  if (report.oov_rate > SOME || report.truncated) return { tone: "warning", label: "Some unknown" };
  return { tone: "good", label: "Good" };
}

/** `12.0 % new, 3.1 % too rare`, the largest first. */
export function causesOf(report: VocabularyReport): string {
  const causes: [number, string][] = [
    [report.unseen_rate, "new"],
    [report.rare_rate, "too rare (min_frequency)"],
    [report.cut_rate, "cut off (max_size)"],
    [report.missing_rate, "missing"],
  ];
  const found = causes.filter(([rate]) => rate > 0).sort(([one], [other]) => other - one);
  return found.map(([rate, why]) => `${percent(rate)} ${why}`).join(", ") || "–";
}
