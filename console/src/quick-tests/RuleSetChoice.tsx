import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { settingOf } from "@/api/catalogue";
import { ruleSets } from "@/api/ruleSets";

interface Props {
  description: string | null | undefined;
  value: string | null;
  onChange: (id: string | null) => void;
  error?: string;
}

/** One of the rule sets, or none; absent where there are none. */
export function RuleSetChoice({ description, value, onChange, error }: Props) {
  const all = useQuery(ruleSets.listQuery);
  const setting = settingOf("quick_test", "rule_set_id");
  const known = (all.data ?? []).map(({ id, name }) => ({ value: id, label: name }));
  if (known.length === 0 && value === null) return null;
  const gone = value !== null && known.every((one) => one.value !== value);
  return (
    <Select
      label={setting.label}
      description={description}
      placeholder="None"
      nothingFoundMessage="No rule set of this name"
      data={gone ? [...known, { value, label: value }] : known}
      value={value}
      onChange={onChange}
      searchable
      clearable
      error={error}
    />
  );
}
