import type { ReactNode } from "react";
import { settingOf } from "@/api/catalogue";
import { Said } from "@/ui/Said";
import { SettingField } from "@/ui/SettingField";
import { type Settings, withSettings } from "./draft";
import type { Editor } from "./editor";
import { exactly } from "./problems";

interface Props {
  name: keyof Settings & string;
  editor: Editor;
  onChange?: (value: unknown) => void;
  marked?: { value: number; word: string };
  disabled?: boolean;
  /** In place of the setting's own help. */
  children?: ReactNode;
}

/** A setting of the model, with what is said of it. */
export function ModelSetting({ name, editor, onChange, children, ...props }: Props) {
  const { draft, change, problems } = editor;
  return (
    <div>
      <SettingField
        setting={settingOf("model_config", name)}
        value={draft.settings[name]}
        onChange={
          onChange ?? ((value) => change((before) => withSettings(before, { [name]: value })))
        }
        {...props}
      >
        {children}
      </SettingField>
      <Said problems={exactly(problems, `spec.${name}`)} />
    </div>
  );
}
