import { Stack, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { modelPresets } from "@/api/modelChoices";
import type { ModelType } from "@/api/schema";
import { ChoiceCards } from "@/ui/ChoiceCards";
import { Section } from "@/ui/Section";
import { type Draft, withFirstPreset, withType } from "./draft";
import type { Editor } from "./editor";
import { errorText, exactly } from "./problems";
import { TypeDiagram } from "./TypeDiagram";
import classes from "./TypeStep.module.css";
import { LOOKS, modelTypes } from "./types";

/** What the model is called and what it does. */
export function TypeStep({ draft, change, problems, begins }: Editor) {
  const presets = useQuery(modelPresets()).data;
  const typed = (before: Draft, type: ModelType): Draft =>
    begins && presets ? withFirstPreset(before, type, presets) : withType(before, type);
  return (
    <>
      <Section title="Name">
        <Stack gap="md" maw={640}>
          <TextInput
            label="Name"
            description="Such as “Deep towers, dropout 0.2”."
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
            description="What you want to find out with it. Optional."
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
      <Section title="Task" lead="You can change this later; towers of your own stay.">
        <ChoiceCards<ModelType>
          label="Task"
          labelHidden
          value={draft.settings.model_type}
          onChange={(type) => change((before) => typed(before, type))}
          minWidth="18rem"
          choices={modelTypes().map(({ name: type, label, help, when_to_use }) => {
            const { icon: Icon, meaning } = LOOKS[type];
            return {
              value: type,
              meaning,
              title: (
                <span className={classes.title}>
                  <Icon size={17} stroke={1.9} aria-hidden="true" /> {label}
                </span>
              ),
              children: (
                <span className={classes.body}>
                  <span className={classes.diagram}>
                    <TypeDiagram type={type} />
                  </span>
                  <span className={classes.lead}>{help}</span>
                  {when_to_use.map((point) => (
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
