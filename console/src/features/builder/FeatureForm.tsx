import { SimpleGrid, Title } from "@mantine/core";
import { catalogue, pastKind, settingsOf } from "@/api/catalogue";
import type { DescribedFeature, SettingInfo, TransformInfo } from "@/api/schema";
import { Notice } from "@/ui/Notice";
import { SettingField } from "@/ui/SettingField";
import type { Feature } from "../spec";
import { Choice } from "./Choice";
import { getAt, withAt } from "./paths";
import classes from "./settings.module.css";

interface Props {
  feature: Feature;
  /** The same with settings that go with the column's values. */
  suggested: Feature | undefined;
  described: DescribedFeature | undefined;
  onChange: (feature: Feature) => void;
}

const TRANSFORMS = "transforms.";

/** The settings of a feature of any kind: its own, then each transform with its settings. */
export function FeatureForm(props: Props) {
  const { feature } = props;
  const past = feature.type === pastKind()?.name;
  const shared = past && getAt(feature, "own_table") !== true;
  const own = settingsOf("features", feature.type).filter(
    ({ name }) =>
      name !== "column" && !name.startsWith(TRANSFORMS) && !(shared && name === "embedding_dim"), // that of the product tower's table
  );
  const transforms = catalogue().transforms.filter(({ features }) =>
    features.includes(feature.type),
  );
  const [wide, narrow] = [own.filter((setting) => !isNarrow(setting)), own.filter(isNarrow)];
  return (
    <>
      {shared && (
        <p className={classes.note}>
          As wide as the product tower&rsquo;s embedding of {feature.column}, whose table it shares.
        </p>
      )}
      {wide.map((setting) => (
        <Field key={setting.name} setting={setting} {...props} />
      ))}
      {narrow.length > 0 && (
        <div>
          <Title order={3} className={classes.heading}>
            Vocabulary
          </Title>
          <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="md">
            {narrow.map((setting) => (
              <Field key={setting.name} setting={setting} {...props} />
            ))}
          </SimpleGrid>
        </div>
      )}
      {transforms.length > 0 && (
        <div>
          <Title order={3} className={classes.heading}>
            Transforms
          </Title>
          {transforms.map((transform) => (
            <Transform key={transform.name} transform={transform} {...props} />
          ))}
        </div>
      )}
    </>
  );
}

/** A number without usual values fits beside others. */
function isNarrow({ type, usual }: SettingInfo): boolean {
  return usual.length === 0 && type !== "array" && type !== "boolean";
}

function Transform({ transform, ...props }: Props & { transform: TransformInfo }) {
  const { feature, described, suggested, onChange } = props;
  const at = TRANSFORMS + transform.name;
  const settings = settingsOf("features", feature.type).filter(
    ({ name }) => name === at || name.startsWith(`${at}.`),
  );
  const flag = settings.find(({ name }) => name === at || name === `${at}.enabled`);
  const part = described?.parts.find(({ name }) => name === `${feature.column}_${transform.part}`);
  const adds = part && `+${part.dim}D`;
  const advice = catalogue()
    .features.find(({ name }) => name === feature.type)
    ?.advice.find((one) => one.transform === transform.name)?.message;
  const toggle = (name: string) => ({
    on: getAt(feature, name) === true,
    onChange: (on: boolean) => onChange(withAt(feature, name, on)),
  });
  const hint = (help: string, name: string) =>
    getAt(suggested, name) === true && getAt(feature, name) !== true
      ? `${help} Suggested for this column.`
      : help;
  if (flag) {
    return (
      <Choice
        title={transform.label}
        hint={hint(transform.help, flag.name)}
        adds={adds}
        {...toggle(flag.name)}
      >
        {advice && <Notice tone="warning">{advice}</Notice>}
        {settings
          .filter((setting) => setting !== flag)
          .map((setting) => (
            <Field key={setting.name} setting={setting} {...props} />
          ))}
      </Choice>
    );
  }
  // Several switches instead of one: a cycle each.
  return (
    <fieldset className={classes.several}>
      <legend>
        {transform.label} <span className={classes.note}>{adds}</span>
      </legend>
      <p className={classes.note}>{transform.help}</p>
      {settings.map(({ name, label, help }) => (
        <Choice key={name} title={label} hint={hint(help, name)} {...toggle(name)} />
      ))}
    </fieldset>
  );
}

function Field({ setting, feature, suggested, onChange }: Props & { setting: SettingInfo }) {
  const usual = getAt(suggested, setting.name);
  return (
    <SettingField
      setting={setting}
      value={getAt(feature, setting.name)}
      onChange={(value) => onChange(withAt(feature, setting.name, value))}
      marked={typeof usual === "number" ? { value: usual, word: "suggested" } : undefined}
    />
  );
}
