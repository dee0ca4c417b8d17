import { Switch } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import { Said } from "@/ui/Said";
import { Term } from "@/ui/Term";
import { ValueButtons } from "@/ui/ValueButtons";
import classes from "./AdvancedRetrieval.module.css";
import { withSettings } from "./draft";
import type { Editor } from "./editor";
import { exactly } from "./problems";

const SWITCHES = [
  {
    field: "logq_correction",
    label: "Make up for popular products",
    term: "logQ correction",
    description:
      "Popular products are met more often as wrong answers while training. This makes up for it. Without it, models usually end below plain popularity.",
  },
  {
    field: "remove_accidental_hits",
    label: "Do not count the right product as wrong",
    term: "remove accidental hits",
    description:
      "Other rows of a batch may hold the same product. They are left out from its wrong answers.",
  },
  {
    field: "normalize_embeddings",
    label: "Embeddings of length 1",
    term: "normalize embeddings",
    description:
      "The score is then a cosine: direction counts, length does not. At least as good on all data that we measured.",
  },
] as const;

const FIELDS = ["spec.temperature", ...SWITCHES.map(({ field }) => `spec.${field}`)];

/** What rarely needs a change: corrections while training, and how scores are scaled. */
export function AdvancedRetrieval({ draft, change, problems }: Editor) {
  const { settings } = draft;
  const [wanted, setWanted] = useState(false);
  const said = FIELDS.some((field) => exactly(problems, field).length > 0);
  return (
    <details
      className={classes.advanced}
      open={wanted || said}
      onToggle={(event) => setWanted(event.currentTarget.open)}
    >
      <summary className={classes.summary}>
        <IconChevronRight size={16} aria-hidden="true" className={classes.chevron} />
        Advanced
        <span className={classes.hint}>corrections, length of embeddings, temperature</span>
      </summary>
      <div className={classes.settings}>
        {SWITCHES.map(({ field, label, term, description }) => (
          <div key={field}>
            <Switch
              label={<Term term={term}>{label}</Term>}
              description={description}
              checked={settings[field]}
              onChange={(event) => {
                const { checked } = event.currentTarget;
                change((before) => withSettings(before, { [field]: checked }));
              }}
            />
            <Said problems={exactly(problems, `spec.${field}`)} />
          </div>
        ))}
        <div>
          <ValueButtons
            label={<Term term="temperature">How sharply scores are told apart</Term>}
            customLabel="Other temperature"
            values={[0.05, 0.1, 0.2, 1]}
            value={settings.temperature}
            onChange={(temperature) => change((before) => withSettings(before, { temperature }))}
            min={0.01}
            max={1}
            step={0.01}
          >
            Scores are divided by it while training. Smaller puts more weight on the hardest wrong
            answers; 0.05 to 0.2 differ little, and 1 is for embeddings of any length.
          </ValueButtons>
          <Said problems={exactly(problems, "spec.temperature")} />
        </div>
      </div>
    </details>
  );
}
