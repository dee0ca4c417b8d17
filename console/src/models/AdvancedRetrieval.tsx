import { IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import classes from "./AdvancedRetrieval.module.css";
import type { Editor } from "./editor";
import { ModelSetting } from "./ModelSetting";
import { exactly } from "./problems";

const FIELDS = [
  "logq_correction",
  "remove_accidental_hits",
  "normalize_embeddings",
  "temperature",
] as const;

/** What rarely needs a change: corrections in training, and how scores are scaled. */
export function AdvancedRetrieval(editor: Editor) {
  const [wanted, setWanted] = useState(false);
  const said = FIELDS.some((field) => exactly(editor.problems, `spec.${field}`).length > 0);
  return (
    <details
      className={classes.advanced}
      open={wanted || said}
      onToggle={(event) => setWanted(event.currentTarget.open)}
    >
      <summary className={classes.summary}>
        <IconChevronRight size={16} aria-hidden="true" className={classes.chevron} />
        Advanced
        <span className={classes.hint}>in-batch negatives, normalization, temperature</span>
      </summary>
      <div className={classes.settings}>
        {FIELDS.map((field) => (
          <ModelSetting key={field} name={field} editor={editor} />
        ))}
      </div>
    </details>
  );
}
