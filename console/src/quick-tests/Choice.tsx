import { Input, NumberInput, SegmentedControl } from "@mantine/core";
import { type ReactNode, useId, useState } from "react";
import { limitsOf } from "@/api/catalogue";
import type { SettingInfo } from "@/api/schema";
import { exact } from "@/ui/format";
import classes from "./Choice.module.css";

interface Props {
  setting: SettingInfo;
  /** In place of the setting's own help. */
  description?: ReactNode;
  unit?: string;
  value: number;
  onChange: (value: number) => void;
  error?: string;
}

const OTHER = "other";

/** A number of a few that are usual, or another. */
export function Choice({ setting, description, unit = "", value, onChange, error }: Props) {
  const { label, help, usual } = setting;
  const [other, setOther] = useState(!usual.includes(value));
  const id = useId();
  const custom = other || !usual.includes(value);
  return (
    <Input.Wrapper label={label} labelElement="div" description={description ?? help} error={error}>
      <div className={classes.choice}>
        <SegmentedControl
          id={id}
          aria-label={label}
          data={[
            ...usual.map((option) => ({ value: String(option), label: `${exact(option)}${unit}` })),
            { value: OTHER, label: "Other" },
          ]}
          value={custom ? OTHER : String(value)}
          onChange={(chosen) => {
            setOther(chosen === OTHER);
            if (chosen !== OTHER) onChange(Number(chosen));
          }}
        />
        {custom && (
          <NumberInput
            aria-label={`${label}, as a number`}
            value={value}
            onChange={(entered) => typeof entered === "number" && onChange(entered)}
            {...limitsOf(setting)}
            clampBehavior="blur"
            suffix={unit}
            w={104}
          />
        )}
      </div>
    </Input.Wrapper>
  );
}
