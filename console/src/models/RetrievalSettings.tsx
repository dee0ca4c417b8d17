import { Section } from "@/ui/Section";
import { AdvancedRetrieval } from "./AdvancedRetrieval";
import type { Editor } from "./editor";
import { ModelSetting } from "./ModelSetting";
import classes from "./RetrievalSettings.module.css";

/** How the trained model finds products, and what is corrected while it trains. */
export function RetrievalSettings(editor: Editor) {
  return (
    <Section
      title="Retrieval"
      lead="How the trained model searches the catalogue for the products with the highest scores."
    >
      <div className={classes.settings}>
        <ModelSetting name="retrieval_algorithm" editor={editor} />
        {editor.draft.settings.retrieval_algorithm === "scann" && (
          <div className={classes.scann}>
            <ModelSetting name="scann_num_leaves" editor={editor} />
            <ModelSetting name="scann_leaves_to_search" editor={editor} />
          </div>
        )}
        <ModelSetting name="top_k" editor={editor} />
        <AdvancedRetrieval {...editor} />
      </div>
    </Section>
  );
}
