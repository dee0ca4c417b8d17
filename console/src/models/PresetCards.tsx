import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { modelPresets } from "@/api/modelChoices";
import type { Estimate, Preset } from "@/api/schema";
import { costWords, estimateWords } from "@/results/words";
import { same } from "@/ui/diff";
import { compact } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Section } from "@/ui/Section";
import { undoable } from "@/ui/toast";
import { presetOf, specOf, withPreset } from "./draft";
import type { Editor } from "./editor";
import { widthsText } from "./layers";
import classes from "./PresetCards.module.css";

/** Towers to start from, with what each is good for. Own layers that one replaces can be had back. */
export function PresetCards({ draft, change, features }: Editor) {
  const query = useQuery(modelPresets(features));
  const presets = query.data;
  const current = presets && presetOf(draft, presets);

  function take(preset: Preset): void {
    const before = draft;
    change((now) => withPreset(now, preset));
    if (current || same(specOf(before), specOf(withPreset(before, preset)))) return;
    undoable(
      "preset taken",
      `${preset.name} has replaced your layers.`,
      () =>
        change((now) => ({
          ...now,
          blocks: before.blocks,
          settings: {
            ...now.settings,
            output_embedding_dim: before.settings.output_embedding_dim,
            reranker: before.settings.reranker,
            early_stopping_patience: before.settings.early_stopping_patience,
            share_tower_weights: before.settings.share_tower_weights,
          },
        })),
      8_000,
    );
  }

  return (
    <Section
      title="Start from a preset"
      lead="Then change what you like below."
      actions={
        presets && (
          <span className={classes.now} role="status">
            {current ? `${current.name} towers` : "Custom towers"}
          </span>
        )
      }
    >
      <Loaded
        query={query}
        skeleton={
          <div className={classes.cards}>
            {Array.from({ length: 7 }, (_, place) => (
              <Skeleton key={place} height={150} radius="md" />
            ))}
          </div>
        }
      >
        {(found) => (
          <div className={classes.cards}>
            {found.map((preset) => (
              <button
                key={preset.key}
                type="button"
                className={classes.card}
                aria-pressed={preset === current}
                onClick={() => take(preset)}
              >
                <span className={classes.name}>{preset.name}</span>
                <Widths preset={preset} />
                <span className={classes.good}>{preset.description}</span>
                <span className={classes.size}>
                  {compact(preset.parameters.total)} parameters
                  {features ? "" : " in its layers"}
                  {preset.estimate && <Takes estimate={preset.estimate} />}
                </span>
              </button>
            ))}
          </div>
        )}
      </Loaded>
      {features && presets && <p className={classes.basis}>{basisOf(presets)}</p>}
    </Section>
  );
}

function Takes({ estimate }: { estimate: Estimate }) {
  const { likely, range } = estimateWords(estimate);
  return (
    <span className={classes.takes} title={`${range}, four times in five`}>
      {likely}, {costWords(estimate.cost_usd).likely}
    </span>
  );
}

/** Where the durations on the cards come from, or why there are none. */
function basisOf(presets: Preset[]): string {
  const known = presets.find(({ estimate }) => estimate)?.estimate;
  return known
    ? `Durations are those of a quick test with its usual settings over these features, by ${known.basis}.`
    : "How long a test takes is shown here once one has completed on this system.";
}

function Widths({ preset: { spec } }: { preset: Preset }) {
  const [buyer, product] = [spec.buyer_tower_layers, spec.product_tower_layers].map(widthsText);
  return (
    <span className={classes.widths}>
      {buyer === product ? (
        <span>{buyer}</span>
      ) : (
        <>
          <span data-tower="buyer">{buyer}</span>
          <span data-tower="product">{product}</span>
        </>
      )}
    </span>
  );
}
