import { Select } from "@mantine/core";
import { attributeRole, roleLabel, usualRoles } from "./roles";

interface Props {
  column: string;
  role: string | undefined;
  /** Roles of other columns: each can be given once. */
  taken: ReadonlySet<string>;
  onChange: (role: string | undefined) => void;
  error?: string;
  disabled?: boolean;
}

/** What a column means, chosen from the usual roles and the two sides' attributes. */
export function RoleSelect({ column, role, taken, onChange, error, disabled }: Props) {
  const attributes = [attributeRole("customer", column), attributeRole("product", column)];
  const usual = usualRoles().map(({ name }) => name);
  const own = role && !usual.includes(role) && !attributes.includes(role) ? [role] : [];
  const option = (value: string) => ({
    value,
    label: roleLabel(value),
    disabled: value !== role && taken.has(value),
  });
  return (
    <Select
      size="xs"
      aria-label={`What ${column} means`}
      placeholder="Not used"
      clearable
      searchable
      disabled={disabled}
      value={role ?? null}
      error={error}
      onChange={(value) => onChange(value ?? undefined)}
      comboboxProps={{ width: 240, position: "bottom-end" }}
      maxDropdownHeight={320}
      data={[
        { group: "Roles", items: usual.map(option) },
        {
          group: "Attributes",
          items: [...own, ...attributes.filter((value) => !usual.includes(value))].map(option),
        },
      ]}
    />
  );
}
