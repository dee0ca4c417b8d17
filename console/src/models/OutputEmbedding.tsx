import { Button, Switch } from "@mantine/core";
import { Said } from "@/ui/Said";
import { Section } from "@/ui/Section";
import { Term } from "@/ui/Term";
import { ValueButtons } from "@/ui/ValueButtons";
import {
  outputOf,
  retrieves,
  towersEqual,
  withCopiedTower,
  withOutputDim,
  withSettings,
} from "./draft";
import type { Editor } from "./editor";
import classes from "./OutputEmbedding.module.css";
import { errorText, exactly } from "./problems";

/** In what both towers end, and whether they are one tower. */
export function OutputEmbedding({ draft, change, trial, problems }: Editor) {
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
        <ValueButtons
          label={<Term term="output_embedding_dim">Numbers in an embedding</Term>}
          customLabel="Other number"
          values={[8, 16, 32, 64, 128]}
          value={settings.output_embedding_dim}
          onChange={(units) => change((before) => withOutputDim(before, units))}
          min={8}
          max={512}
          integer
          error={errorText(exactly(problems, "spec.output_embedding_dim"))}
        >
          {retrieves(settings)
            ? "Both towers end in this many numbers, because their dot product is the similarity. More can tell more products apart, and make serving slower."
            : unlike
              ? "Here the towers may end in different widths. A choice above sets both."
              : "How much each tower tells the rating head."}
        </ValueButtons>
        <div>
          <Switch
            label={<Term term="share_tower_weights">One tower for both</Term>}
            description="Buyer and product go through the same layers, with the same weights. Helps on small data, where two towers would learn by heart."
            checked={shared}
            disabled={!shared && !equal}
            onChange={(event) => {
              const { checked } = event.currentTarget;
              change((before) => withSettings(before, { share_tower_weights: checked }));
            }}
          />
          <div className={classes.condition}>
            {!equal && !shared && (
              <>
                Both towers must have the same layers for that.{" "}
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
                ? `A change to one is made to both. These features do not fit: they give ${inputs[0]} numbers to the buyer and ${inputs[1]} to the product, and one tower takes one width.`
                : "A change to one tower is made to both. Features must give both the same width.")}
          </div>
          <Said problems={exactly(problems, "spec.share_tower_weights")} />
        </div>
      </div>
    </Section>
  );
}
