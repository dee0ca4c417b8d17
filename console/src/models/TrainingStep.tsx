import { IconAdjustmentsHorizontal, IconStack3, IconTargetArrow } from "@tabler/icons-react";
import { catalogue, labelOf } from "@/api/catalogue";
import type { LossFunction, Optimizer } from "@/api/schema";
import { ChoiceCards } from "@/ui/ChoiceCards";
import { exact } from "@/ui/format";
import { Said } from "@/ui/Said";
import { type Settings, withSettings } from "./draft";
import type { Editor } from "./editor";
import { LossWeights } from "./LossWeights";
import { ModelSetting } from "./ModelSetting";
import { Panel } from "./Panel";
import { exactly } from "./problems";
import classes from "./TrainingStep.module.css";
import { rates, weighs } from "./types";

/** How the model is trained. Epochs are chosen with each test. */
export function TrainingStep(editor: Editor) {
  const { draft, change, problems } = editor;
  const { settings } = draft;
  const { optimizers, losses } = catalogue();
  const suggested = optimizers.find(({ name }) => name === settings.optimizer)?.learning_rate;
  const set = (changes: Partial<Settings>) => change((before) => withSettings(before, changes));

  return (
    <>
      <Panel title="Optimizer" meaning="optimizer" icon={IconAdjustmentsHorizontal}>
        <p className={classes.lead}>
          How the weights are updated in each step. Choosing one sets its usual learning rate.
        </p>
        <ChoiceCards<Optimizer>
          label="Optimizer"
          labelHidden
          value={settings.optimizer}
          onChange={(optimizer) => {
            const rate = optimizers.find(({ name }) => name === optimizer)?.learning_rate;
            set({ optimizer, learning_rate: rate ?? settings.learning_rate });
          }}
          choices={optimizers.map(({ name, label, help, learning_rate }) => ({
            value: name as Optimizer,
            meaning: "optimizer",
            title: (
              <>
                {label} <span className={classes.rate}>@ {exact(learning_rate)}</span>
              </>
            ),
            children: help,
          }))}
        />
        <Said problems={exactly(problems, "spec.optimizer")} />
      </Panel>

      <Panel title="Hyperparameters" meaning="hyperparameters" icon={IconStack3}>
        <ModelSetting
          name="learning_rate"
          editor={editor}
          marked={suggested === undefined ? undefined : { value: suggested, word: "suggested" }}
        >
          Size of a training step. Too large, and training diverges; too small, and it has not
          converged when it ends.
          {suggested !== undefined &&
            ` ${labelOf("optimizers", settings.optimizer)} usually starts at ${exact(suggested)}.`}
        </ModelSetting>
        <ModelSetting name="batch_size" editor={editor} />
        <ModelSetting name="early_stopping_patience" editor={editor} />
        <p className={classes.lead}>The number of epochs is chosen with each test.</p>
      </Panel>

      {rates(settings) && (
        <Panel title="Rating loss" meaning="rating" icon={IconTargetArrow}>
          <p className={classes.lead}>
            What counts as a mistake. The column with the ratings is chosen with each test.
          </p>
          <ChoiceCards<LossFunction>
            label="Loss function"
            labelHidden
            minWidth="11rem"
            value={settings.loss_function}
            onChange={(loss_function) => set({ loss_function })}
            choices={losses.map(({ name, label, help, when_to_use }) => ({
              value: name as LossFunction,
              meaning: "rating",
              title: label,
              children: (
                <>
                  <span className={classes.when}>{when_to_use}</span>
                  <span className={classes.what}>{help}</span>
                </>
              ),
            }))}
          />
          <Said problems={exactly(problems, "spec.loss_function")} />
        </Panel>
      )}
      {weighs(settings) && <LossWeights {...editor} />}
    </>
  );
}
