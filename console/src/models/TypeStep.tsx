import { Stack, Textarea, TextInput } from "@mantine/core";
import type { ModelType } from "@/api/schema";
import { ChoiceCards } from "@/ui/ChoiceCards";
import { Section } from "@/ui/Section";
import { withType } from "./draft";
import type { Editor } from "./editor";
import { errorText, exactly } from "./problems";
import { TypeDiagram } from "./TypeDiagram";
import classes from "./TypeStep.module.css";
import { MODEL_TYPES, TYPE_ORDER } from "./types";

/** What the model is called and what it does. */
export function TypeStep({ draft, change, problems }: Editor) {
  return (
    <>
      <Section title="What to call it">
        <Stack gap="md" maw={640}>
          <TextInput
            label="Name"
            description="How people tell it from others, such as “Deep towers, dropout 0.2”."
            value={draft.name}
            onChange={(event) => {
              const name = event.currentTarget.value;
              change((before) => ({ ...before, name }));
            }}
            error={errorText(exactly(problems, "name"))}
            maxLength={255}
            required
          />
          <Textarea
            label="Description"
            description="What you want to find out with it. You may leave it empty."
            value={draft.description}
            onChange={(event) => {
              const description = event.currentTarget.value;
              change((before) => ({ ...before, description }));
            }}
            error={errorText(exactly(problems, "description"))}
            autosize
            minRows={2}
            maxRows={6}
          />
        </Stack>
      </Section>
      <Section title="What should the model do?" lead="You can change this later; the towers stay.">
        <ChoiceCards<ModelType>
          label="What the model should do"
          labelHidden
          value={draft.settings.model_type}
          onChange={(type) => change((before) => withType(before, type))}
          minWidth="18rem"
          choices={TYPE_ORDER.map((type) => {
            const { name, icon: Icon, lead, points, meaning } = MODEL_TYPES[type];
            return {
              value: type,
              meaning,
              title: (
                <span className={classes.title}>
                  <Icon size={17} stroke={1.9} aria-hidden="true" /> {name}
                </span>
              ),
              children: (
                <span className={classes.body}>
                  <span className={classes.diagram}>
                    <TypeDiagram type={type} />
                  </span>
                  <span className={classes.lead}>{lead}</span>
                  {points.map((point) => (
                    <span key={point} className={classes.point}>
                      {point}
                    </span>
                  ))}
                </span>
              ),
            };
          })}
        />
      </Section>
    </>
  );
}
