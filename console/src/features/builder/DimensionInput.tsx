import { Button, Group, NumberInput } from "@mantine/core";
import type { ReactNode } from "react";

interface Props {
  label: ReactNode;
  value: number;
  onChange: (value: number) => void;
  min: number;
  max: number;
  /** Usual values, as buttons. */
  usual: readonly number[];
  recommended?: number;
  description?: ReactNode;
}

/** A whole number with bounds, its usual values a click away. */
export function DimensionInput(props: Props) {
  const { label, value, onChange, min, max, usual, recommended, description } = props;
  return (
    <div>
      <NumberInput
        label={label}
        description={description}
        value={value}
        onChange={(given) => {
          // An empty or half-typed field keeps the last number until there is one again.
          if (typeof given === "number" && Number.isInteger(given)) onChange(given);
        }}
        onBlur={() => onChange(Math.min(max, Math.max(min, value)))}
        error={value < min || value > max ? `${min} to ${max.toLocaleString("en")}` : undefined}
        min={min}
        max={max}
        clampBehavior="none"
        allowDecimal={false}
        allowNegative={false}
        thousandSeparator=","
        maw={200}
      />
      <Group gap={4} mt={6}>
        {usual.map((choice) => (
          <Button
            key={choice}
            size="compact-xs"
            variant={choice === value ? "filled" : "default"}
            aria-pressed={choice === value}
            onClick={() => onChange(choice)}
          >
            {choice.toLocaleString("en")}
            {choice === recommended ? " · recommended" : ""}
          </Button>
        ))}
      </Group>
    </div>
  );
}
