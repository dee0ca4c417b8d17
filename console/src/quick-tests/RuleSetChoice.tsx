import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { settingOf } from "@/api/catalogue";
import { ruleSetsQuery } from "@/api/ruleSets";

interface Props {
  value: string | null;
  onChange: (id: string | null) => void;
  error?: string;
}

/** The rule set under which a test's lists are measured too; absent where there are none. */
export function RuleSetChoice({ value, onChange, error }: Props) {
  const all = useQuery(ruleSetsQuery);
  const setting = settingOf("quick_test", "rule_set_id");
  const known = (all.data ?? []).map(({ id, name }) => ({ value: id, label: name }));
  if (known.length === 0 && value === null) return null;
  const gone = value !== null && known.every((one) => one.value !== value);
  return (
    <Select
      label={setting.label}
      description={setting.help}
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
