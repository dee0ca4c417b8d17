import { TagsInput } from "@mantine/core";
import type { SettingInfo } from "@/api/schema";
import { numbersOf } from "./draft";

interface Props {
  setting: SettingInfo;
  value: number[];
  onChange: (value: number[]) => void;
}

/** The values of an axis of the grid, typed one after another. */
export function Numbers({ setting, value, onChange }: Props) {
  const example = setting.usual.length ? setting.usual.slice(0, 3) : [1, 2, 3];
  return (
    <TagsInput
      label={setting.label}
      placeholder={value.length ? "" : `for example ${example.join(", ")}`}
      splitChars={[",", " "]}
      value={value.map(String)}
      onChange={(texts) => onChange(numbersOf(texts, setting))}
      acceptValueOnBlur
    />
  );
}
