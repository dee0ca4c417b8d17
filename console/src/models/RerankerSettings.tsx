import { Switch } from "@mantine/core";
import { partDefaults, partSettings, settingOf } from "@/api/catalogue";
import type { Reranker } from "@/api/schema";
import { Said } from "@/ui/Said";
import { Section } from "@/ui/Section";
import { SettingField } from "@/ui/SettingField";
import { withSettings } from "./draft";
import type { Editor } from "./editor";
import { exactly } from "./problems";
import classes from "./RetrievalSettings.module.css";

const PART = "reranker";

/** The second stage, which may be left out. */
export function RerankerSettings({ draft, change, problems }: Editor) {
  const { label, help } = settingOf("model_config", PART);
  const { reranker } = draft.settings;
  const set = (value: Reranker | null) =>
    change((before) => withSettings(before, { reranker: value }));
  return (
    <Section title={label} lead={help}>
      <div className={classes.settings}>
        <Switch
          label={label}
          checked={reranker != null}
          onChange={(event) =>
            set(
              event.currentTarget.checked
                ? (partDefaults("model_config", PART) as unknown as Reranker)
                : null,
            )
          }
        />
        <Said problems={exactly(problems, `spec.${PART}`)} />
        {reranker &&
          partSettings("model_config", PART).map((setting) => {
            const name = setting.name.slice(PART.length + 1) as keyof Reranker;
            return (
              <div key={name}>
                <SettingField
                  setting={setting}
                  value={reranker[name]}
                  onChange={(value) => set({ ...reranker, [name]: value })}
                />
                <Said
                  problems={problems.filter(({ path }) =>
                    `${path}[`.startsWith(`spec.${setting.name}[`),
                  )}
                />
              </div>
            );
          })}
      </div>
    </Section>
  );
}
