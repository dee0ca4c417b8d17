import { Anchor, Group } from "@mantine/core";
import { Link } from "react-router";
import { quickTests } from "@/api/quickTests";
import { registeredModels } from "@/api/registeredModels";
import type { RegisteredModel, RegisteredVersion } from "@/api/schema";
import { metricOf } from "@/results/metrics";
import { ago, moment } from "@/ui/format";
import { StatusBadge } from "@/ui/StatusBadge";
import table from "@/ui/table.module.css";
import { Wide } from "@/ui/Wide";
import { Promote } from "./Promote";
import { aliasOf, beganFrom, measured } from "./words";

interface Props {
  model: RegisteredModel;
  versions: RegisteredVersion[];
}

export function Versions({ model, versions }: Props) {
  return (
    <Wide label="Versions of the model">
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col" className={table.number}>
              Version
            </th>
            <th scope="col">Full training</th>
            <th scope="col">Measured, 95% interval</th>
            <th scope="col">Registered</th>
            <th scope="col">Used as</th>
            <th scope="col">Card</th>
          </tr>
        </thead>
        <tbody>
          {versions.map((version) => (
            <Row key={version.version} model={model} version={version} />
          ))}
        </tbody>
      </table>
    </Wide>
  );
}

function Row({ model, version }: { model: RegisteredModel; version: RegisteredVersion }) {
  const alias = aliasOf(model.status, version.version);
  const deleted = version.model_deleted_at !== null;
  return (
    <tr>
      <td className={table.number}>{version.version}</td>
      <th scope="row">
        {deleted ? (
          `${version.name} (its model was deleted)`
        ) : (
          <Anchor component={Link} to={quickTests.path(version.quick_test_id)} inherit>
            {version.name}
          </Anchor>
        )}
        {version.began_from && (
          <span className={table.quiet}> · {beganFrom(version.began_from, model.id)}</span>
        )}
      </th>
      <td>
        {metricOf(version.metric).term} <span className="num">{measured(version)}</span>
      </td>
      <td title={moment(version.registered_at)}>{ago(version.registered_at)}</td>
      <td>
        <Group gap="xs">
          {alias && <StatusBadge tone={alias.tone}>{alias.label}</StatusBadge>}
          {alias?.label !== "Production" && !deleted && (
            <Promote model={model} version={version.version} />
          )}
        </Group>
      </td>
      <td>
        {!deleted && (
          <Anchor
            href={`${registeredModels.apiPath(model.id)}versions/${version.version}/card/`}
            download={`${model.name} ${version.version}.md`}
            inherit
          >
            Model card
          </Anchor>
        )}
      </td>
    </tr>
  );
}
