import { Switch } from "@mantine/core";
import type { ReactNode } from "react";
import { boundsOf } from "@/api/catalogue";
import type { SettingInfo } from "@/api/schema";
import { ChoiceCards } from "./ChoiceCards";
import { exact, lower } from "./format";
import { NumberField } from "./NumberField";
import { NumbersField } from "./NumbersField";
import { ValueButtons } from "./ValueButtons";

interface Props {
  setting: SettingInfo;
  value: unknown;
  onChange: (value: unknown) => void;
  /** A usual value to point out, and why. */
  marked?: { value: number; word: string };
  error?: string;
  disabled?: boolean;
  /** In place of the setting's own help. */
  children?: ReactNode;
}

/**
 * A setting by what the server says of it: choices, a switch, several numbers, or one with its usual
 * values.
 */
export function SettingField(props: Props) {
  const { setting, value, onChange, marked, error, children } = props;
  const { label, options, usual } = setting;
  const help = children ?? setting.help;
  if (options.length > 0) {
    return (
      <ChoiceCards
        label={label}
        value={options.some((option) => same(option.value, value)) ? key(value) : null}
        onChange={(chosen) =>
          onChange(options.find((option) => key(option.value) === chosen)?.value)
        }
        minWidth={options.some((option) => option.help) ? "14rem" : "9rem"}
        choices={options.map((option) => ({
          value: key(option.value),
          title: option.label,
          children: option.help || undefined,
        }))}
      />
    );
  }
  if (setting.type === "boolean") {
    return (
      <Switch
        label={label}
        description={help}
        checked={value === true}
        disabled={props.disabled}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    );
  }
  if (setting.type === "array") {
    return (
      <NumbersField
        label={label}
        help={help}
        value={(value as number[] | undefined) ?? []}
        onChange={onChange}
        least={setting.minimum ?? 0}
        most={setting.maximum ?? undefined}
        error={error}
      />
    );
  }
  if (usual.length > 0) {
    const extra = marked && !usual.includes(marked.value) ? [marked.value] : [];
    return (
      <ValueButtons
        label={label}
        customLabel={`Other ${lower(label)}`}
        values={[...usual, ...extra].sort((one, other) => one - other)}
        value={value as number}
        onChange={onChange}
        marked={marked}
        error={error}
        {...boundsOf(setting)}
      >
        {help}
      </ValueButtons>
    );
  }
  return (
    <NumberField<number | null>
      label={label}
      description={help}
      value={(value as number | null | undefined) ?? null}
      onChange={onChange}
      empty={setting.default === null ? "Automatic" : undefined}
      thousandSeparator=","
      error={error}
      {...boundsOf(setting)}
    />
  );
}

/** What is set, in words. */
export function valueWords(setting: SettingInfo, value: unknown): string {
  const option = setting.options.find((one) => same(one.value, value));
  if (option) return option.label;
  if (value === null || value === undefined) return "automatic";
  if (typeof value === "boolean") return value ? "on" : "off";
  if (typeof value === "number") return exact(value);
  if (Array.isArray(value)) return value.map((one) => valueWords(setting, one)).join(", ");
  const text = String(value);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function key(value: unknown): string {
  return JSON.stringify(value ?? null);
}

function same(one: unknown, other: unknown): boolean {
  return key(one) === key(other);
}
