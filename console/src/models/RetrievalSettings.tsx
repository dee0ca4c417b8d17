import type { ModelConfigSpec } from "@/api/schema";
import { ChoiceCards } from "@/ui/ChoiceCards";
import { NumberField } from "@/ui/NumberField";
import { Section } from "@/ui/Section";
import { Term } from "@/ui/Term";
import { ValueButtons } from "@/ui/ValueButtons";
import { AdvancedRetrieval } from "./AdvancedRetrieval";
import { withSettings } from "./draft";
import type { Editor } from "./editor";
import { errorText, exactly } from "./problems";
import classes from "./RetrievalSettings.module.css";

type Algorithm = ModelConfigSpec["retrieval_algorithm"];

/** How the trained model finds products, and what is corrected while it trains. */
export function RetrievalSettings(editor: Editor) {
  const { draft, change, problems } = editor;
  const { settings } = draft;
  const set = (changes: Parameters<typeof withSettings>[1]) =>
    change((before) => withSettings(before, changes));
  return (
    <Section
      title="Finding products"
      lead="How the trained model searches the catalogue for the products that fit best."
    >
      <div className={classes.settings}>
        <ChoiceCards<Algorithm>
          label="Search"
          labelHidden
          value={settings.retrieval_algorithm}
          onChange={(retrieval_algorithm) => set({ retrieval_algorithm })}
          choices={[
            {
              value: "brute_force",
              title: "Brute force",
              children:
                "Compares with every product, and misses none. Right up to some hundred thousand products.",
            },
            {
              value: "scann",
              title: "ScaNN",
              children:
                "Looks only where good ones are likely. Much faster with millions of products; may miss a few.",
            },
          ]}
        />
        {settings.retrieval_algorithm === "scann" && (
          <div className={classes.scann}>
            <NumberField<number | null>
              label={<Term term="num_leaves">Parts of the catalogue</Term>}
              description="The square root of the number of products is usual."
              value={settings.scann_num_leaves ?? null}
              onChange={(scann_num_leaves) => set({ scann_num_leaves })}
              empty="Automatic"
              min={1}
              max={1_000_000}
              integer
              thousandSeparator=","
              error={errorText(exactly(problems, "spec.scann_num_leaves"))}
            />
            <NumberField<number | null>
              label={<Term term="num_leaves_to_search">Parts that are searched</Term>}
              description="More find more, and take longer. A tenth of them is usual."
              value={settings.scann_leaves_to_search ?? null}
              onChange={(scann_leaves_to_search) => set({ scann_leaves_to_search })}
              empty="Automatic"
              min={1}
              max={1_000_000}
              integer
              thousandSeparator=","
              error={errorText(exactly(problems, "spec.scann_leaves_to_search"))}
            />
          </div>
        )}
        <ValueButtons
          label={<Term term="top_k">Products to return</Term>}
          customLabel="Other number of products"
          values={[10, 50, 100, 200]}
          value={settings.top_k}
          onChange={(top_k) => set({ top_k })}
          min={1}
          max={1000}
          integer
          error={errorText(exactly(problems, "spec.top_k"))}
        >
          For each customer, best first.
        </ValueButtons>
        <AdvancedRetrieval {...editor} />
      </div>
    </Section>
  );
}
