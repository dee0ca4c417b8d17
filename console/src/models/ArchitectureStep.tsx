import { Button } from "@mantine/core";
import { IconCopy, IconRefresh } from "@tabler/icons-react";
import { useState } from "react";
import { settingsOf } from "@/api/catalogue";
import { same } from "@/ui/diff";
import { Section } from "@/ui/Section";
import classes from "./ArchitectureStep.module.css";
import {
  added,
  type Block,
  layersOf,
  outputOf,
  towersEqual,
  withBlocks,
  withCopiedTower,
  withHead,
  withLayer,
} from "./draft";
import type { Editor } from "./editor";
import { LayerModal } from "./LayerModal";
import { LayerTable } from "./LayerTable";
import { initialLayer, type Layer, PARTS, type Part } from "./layers";
import { OutputEmbedding } from "./OutputEmbedding";
import { PresetCards } from "./PresetCards";
import { exactly } from "./problems";
import { RerankerSettings } from "./RerankerSettings";
import { RetrievalSettings } from "./RetrievalSettings";
import { StackBuilder } from "./StackBuilder";
import { rates, retrieves } from "./types";

/** The layer that is being set: one that is there, or one to be added. */
interface Setting {
  part: Part;
  key: string | null;
  layer: Layer;
}

/** The towers and the rating head, layer by layer, and how products are found. */
export function ArchitectureStep(editor: Editor) {
  const { draft, change, trial, problems } = editor;
  const { settings, blocks } = draft;
  const [setting, setSetting] = useState<Setting | null>(null);

  function edit(part: Part, key: string): void {
    const block = blocks[part].find((block) => block.key === key);
    if (block) setSetting({ part, key, layer: block.layer });
  }
  function add(part: Part, kind: string): void {
    const initial = initialLayer(kind);
    if (settingsOf("layers", kind).length === 0) {
      change((before) => withBlocks(before, part, added(before.blocks[part], initial)));
    } else {
      setSetting({ part, key: null, layer: initial });
    }
  }
  function apply({ part, key }: Setting, layer: Layer): void {
    change((before) =>
      key === null
        ? withBlocks(before, part, added(before.blocks[part], layer))
        : withLayer(before, part, key, layer),
    );
    setSetting(null);
  }
  const stack = (part: Part) => ({
    part,
    blocks: blocks[part],
    trial,
    problems: exactly(problems, `spec.${PARTS[part].field}`),
    onChange: (next: Block[]) => change((before) => withBlocks(before, part, next)),
    onEdit: (key: string) => edit(part, key),
    onAdd: (kind: string) => add(part, kind),
  });
  const { parameters, fittingHead } = trial;
  const fits = trial.stale || !fittingHead || same(layersOf(blocks.rating), fittingHead);

  return (
    <>
      <PresetCards {...editor} />
      <Section
        title="Towers"
        lead="From the features at the top to the embedding at the bottom. Drag layers by their handle, or focus it, press space and use the arrow keys."
      >
        <div className={classes.towers}>
          <StackBuilder
            {...stack("buyer")}
            input="Customer features"
            parameters={parameters?.buyer_tower}
          />
          <StackBuilder
            {...stack("product")}
            input="Product features"
            parameters={parameters?.product_tower}
            action={
              <Button
                size="compact-sm"
                variant="default"
                leftSection={<IconCopy size={14} />}
                disabled={towersEqual(draft)}
                onClick={() => change((before) => withCopiedTower(before, "buyer"))}
              >
                Copy from buyer
              </Button>
            }
          />
        </div>
      </Section>
      <OutputEmbedding {...editor} />
      {rates(settings) && (
        <Section
          title="Rating head"
          lead="Layers that turn both embeddings, concatenated, into one number: the rating. Each preset has a head that fits its towers."
        >
          <div className={classes.head}>
            <StackBuilder
              {...stack("rating")}
              input="Both embeddings, concatenated"
              parameters={parameters?.rating_head}
              action={
                <Button
                  size="compact-sm"
                  variant="default"
                  leftSection={<IconRefresh size={14} />}
                  disabled={fits}
                  onClick={() => fittingHead && change((before) => withHead(before, fittingHead))}
                >
                  Fit to the buyer tower
                </Button>
              }
            />
          </div>
        </Section>
      )}
      {retrieves(settings) && <RetrievalSettings {...editor} />}
      {(retrieves(settings) || settings.reranker) && <RerankerSettings {...editor} />}
      <LayerTable parameters={parameters} stale={trial.stale} />
      {setting && (
        <LayerModal
          layer={setting.layer}
          part={setting.part}
          output={outputOf(blocks[setting.part])?.key === setting.key}
          adding={setting.key === null}
          inStep={retrieves(settings) && setting.part !== "rating"}
          onApply={(layer) => apply(setting, layer)}
          onClose={() => setSetting(null)}
        />
      )}
    </>
  );
}
