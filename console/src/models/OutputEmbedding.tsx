import { Button } from "@mantine/core";
import { plural } from "@/ui/format";
import { Section } from "@/ui/Section";
import { outputOf, towersEqual, withCopiedTower, withOutputDim } from "./draft";
import type { Editor } from "./editor";
import { ModelSetting } from "./ModelSetting";
import classes from "./OutputEmbedding.module.css";
import { retrieves } from "./types";

/** In what both towers end, and whether they are one tower. */
export function OutputEmbedding(editor: Editor) {
  const { draft, change, trial } = editor;
  const { settings, blocks } = draft;
  const equal = towersEqual(draft);
  const ends = [outputOf(blocks.buyer), outputOf(blocks.product)];
  const unlike = ends.some((end) => end?.layer.units !== settings.output_embedding_dim);
  const inputs = [trial.parameters?.buyer_tower, trial.parameters?.product_tower].map(
    (part) => part?.input_width,
  );
  const shared = settings.share_tower_weights;
  return (
    <Section title="Output embedding">
      <div className={classes.settings}>
        <ModelSetting
          name="output_embedding_dim"
          editor={editor}
          onChange={(units) => change((before) => withOutputDim(before, units as number))}
        >
          {!retrieves(settings) &&
            (unlike
              ? "In a ranking model the towers may end in different widths. A choice here sets both."
              : "How much each tower tells the rating head.")}
        </ModelSetting>
        <div>
          <ModelSetting name="share_tower_weights" editor={editor} disabled={!shared && !equal} />
          <div className={classes.condition}>
            {!equal && !shared && (
              <>
                Needs the same layers in both towers.{" "}
                <Button
                  size="compact-xs"
                  variant="default"
                  onClick={() => change((before) => withCopiedTower(before, "buyer"))}
                >
                  Copy the buyer's
                </Button>
              </>
            )}
            {shared &&
              (inputs[0] !== inputs[1]
                ? `A change to one tower is made to both. These features do not fit: their input is ${plural(inputs[0] ?? 0, "number")} wide for the buyer and ${inputs[1]} for the product, and a shared tower needs the same width.`
                : "A change to one tower is made to both. Features must give both the same width.")}
          </div>
        </div>
      </div>
    </Section>
  );
}
