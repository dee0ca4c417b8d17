import { IconAdjustmentsHorizontal, IconStack3, IconTargetArrow } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lossFunctions, optimizers } from "@/api/modelChoices";
import type { LossFunction, Optimizer } from "@/api/schema";
import { ChoiceCards } from "@/ui/ChoiceCards";
import { number } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Rows } from "@/ui/Rows";
import { Said } from "@/ui/Said";
import { Term } from "@/ui/Term";
import { ValueButtons } from "@/ui/ValueButtons";
import { rates, type Settings, withSettings } from "./draft";
import type { Editor } from "./editor";
import { LossWeights } from "./LossWeights";
import { Panel } from "./Panel";
import { exactly } from "./problems";
import classes from "./TrainingStep.module.css";
import { OPTIMIZER_NAMES } from "./words";

const RATES = [0.0005, 0.001, 0.002, 0.01, 0.05, 0.1];
const BATCHES = [128, 256, 512, 1024, 4096];

/** How the model is trained. Epochs are chosen with each test. */
export function TrainingStep(editor: Editor) {
  const { draft, change, problems } = editor;
  const { settings } = draft;
  const known = useQuery(optimizers);
  const losses = useQuery(lossFunctions);
  const suggested = known.data?.find(({ key }) => key === settings.optimizer)?.learning_rate;
  const set = (changes: Partial<Settings>) => change((before) => withSettings(before, changes));
  const usual =
    suggested === undefined || RATES.includes(suggested) ? RATES : [...RATES, suggested];

  return (
    <>
      <Panel title="Optimizer" meaning="optimizer" icon={IconAdjustmentsHorizontal}>
        <p className={classes.lead}>
          How the weights are moved in each step. Choosing one sets the learning rate that it
          usually begins with.
        </p>
        <Loaded query={known} skeleton={<Rows count={3} height={96} />}>
          {(all) => (
            <ChoiceCards<Optimizer>
              label="Optimizer"
              labelHidden
              value={settings.optimizer}
              onChange={(optimizer) => {
                const rate = all.find(({ key }) => key === optimizer)?.learning_rate;
                set({ optimizer, learning_rate: rate ?? settings.learning_rate });
              }}
              choices={all.map(({ key, name, description, learning_rate }) => ({
                value: key,
                meaning: "optimizer",
                title: (
                  <>
                    {name} <span className={classes.rate}>@ {number(learning_rate)}</span>
                  </>
                ),
                children: description,
              }))}
            />
          )}
        </Loaded>
        <Said problems={exactly(problems, "spec.optimizer")} />
      </Panel>

      <Panel title="Hyperparameters" meaning="hyperparameters" icon={IconStack3}>
        <div>
          <ValueButtons
            label={<Term term="learning_rate">Size of a step</Term>}
            customLabel="Other learning rate"
            values={[...usual].sort((one, other) => one - other)}
            marked={suggested === undefined ? undefined : { value: suggested, word: "suggested" }}
            value={settings.learning_rate}
            onChange={(learning_rate) => set({ learning_rate })}
            format={String}
            min={0.0000001}
            max={10}
            step={0.001}
          >
            Too large, and training runs off; too small, and it has not learned when it ends.
            {suggested !== undefined &&
              ` ${OPTIMIZER_NAMES[settings.optimizer]} usually begins with ${suggested}.`}
          </ValueButtons>
          <Said problems={exactly(problems, "spec.learning_rate")} />
        </div>
        <div>
          <ValueButtons
            label={<Term term="batch_size">Rows in a step</Term>}
            customLabel="Other batch size"
            values={BATCHES}
            value={settings.batch_size}
            onChange={(batch_size) => set({ batch_size })}
            min={2}
            max={65536}
            integer
          >
            Also how many products each purchase is held against. Small batches make many steps: on
            samples of some 100,000 rows, 512 learns far more than 4,096. Large ones are faster and
            need more memory.
          </ValueButtons>
          <Said problems={exactly(problems, "spec.batch_size")} />
        </div>
        <p className={classes.lead}>
          How often the data is gone through (epochs) is chosen with each test.
        </p>
      </Panel>

      {rates(settings) && (
        <Panel title="Loss of the rating" meaning="rating" icon={IconTargetArrow}>
          <p className={classes.lead}>
            What counts as a mistake. The column with the ratings is chosen with each test.
          </p>
          <Loaded query={losses} skeleton={<Rows count={3} height={96} />}>
            {(all) => (
              <ChoiceCards<LossFunction>
                label="Loss function"
                labelHidden
                minWidth="11rem"
                value={settings.loss_function}
                onChange={(loss_function) => set({ loss_function })}
                choices={all.map(({ key, name, description, when_to_use }) => ({
                  value: key,
                  meaning: "rating",
                  title: name,
                  children: (
                    <>
                      <span className={classes.when}>{when_to_use}</span>
                      <span className={classes.what}>{description}</span>
                    </>
                  ),
                }))}
              />
            )}
          </Loaded>
          <Said problems={exactly(problems, "spec.loss_function")} />
        </Panel>
      )}
      {settings.model_type === "multitask" && <LossWeights {...editor} />}
    </>
  );
}
