import { ActionIcon, Checkbox, Menu, Tooltip } from "@mantine/core";
import {
  IconCopy,
  IconDots,
  IconFlask,
  IconPencil,
  IconRocket,
  IconStarFilled,
  IconTrash,
} from "@tabler/icons-react";
import { Link, useNavigate } from "react-router";
import { featureConfigs } from "@/api/featureConfigs";
import { quickTests } from "@/api/quickTests";
import type { Dataset, FeatureConfig, QuickTestSummary, TensorDims } from "@/api/schema";
import { useDelete } from "@/editing/useDelete";
import { metricOf, said } from "@/results/metrics";
import { ago, NONE, plural } from "@/ui/format";
import { StatusBadge } from "@/ui/StatusBadge";
import classes from "./FeatureRow.module.css";
import { bestResult, configStatus } from "./status";

interface Props {
  config: FeatureConfig;
  dataset: Dataset | undefined;
  tests: QuickTestSummary[];
  /** Why it is the best of its dataset, where it clearly is. */
  best: string | undefined;
  selected: boolean;
  onSelect: (on: boolean) => void;
}

/** A config in the list: how wide its towers are, how far it has come, and its best result. */
export function FeatureRow({ config, dataset, tests, best, selected, onSelect }: Props) {
  const navigate = useNavigate();
  const remove = useDelete(featureConfigs);
  const { tone, label } = configStatus(config);
  const found = bestResult(config);
  const crosses = config.spec.buyer_model_crosses.length + config.spec.product_model_crosses.length;
  const last = tests
    .map(({ created_at }) => created_at ?? "")
    .sort()
    .pop();
  return (
    <li className={classes.row}>
      <Checkbox
        size="sm"
        className={classes.check}
        checked={selected}
        onChange={(event) => onSelect(event.currentTarget.checked)}
        aria-label={`Select ${config.name}`}
      />
      <div className={classes.main}>
        <Link to={featureConfigs.path(config.id)} className={classes.name} title={config.name}>
          {config.name}
        </Link>
        <div className={classes.facts}>
          <span className={classes.buyer}>
            Buyer <b>{wide(config.status.buyer_tensor)}</b>
          </span>
          <span className={classes.product}>
            Product <b>{wide(config.status.product_tensor)}</b>
          </span>
          <span>{plural(crosses, "cross", "crosses")}</span>
          {dataset && (
            <span className={classes.dataset} title={dataset.name}>
              {dataset.name}
            </span>
          )}
        </div>
        <div className={classes.facts}>
          <StatusBadge tone={tone}>{label}</StatusBadge>
          <span className={classes.quiet}>
            {tests.length
              ? `${plural(tests.length, "quick test")}, last ${ago(last)}`
              : `changed ${ago(config.updated_at)}`}
          </span>
        </div>
      </div>
      <div className={classes.recall}>
        {found && (
          <>
            <div className={classes.value}>
              {best && (
                <Tooltip label={best}>
                  <span className={classes.star} role="img" aria-label="Best">
                    <IconStarFilled size={15} />
                  </span>
                </Tooltip>
              )}
              {said(found.metric, found.value)}
            </div>
            <div className={classes.quiet}>{metricOf(found.metric).term}</div>
          </>
        )}
      </div>
      <div className={classes.actions}>
        <Tooltip label="Run a quick test">
          <ActionIcon
            component={Link}
            to={`/tests/new?features=${config.id}`}
            variant="default"
            size="lg"
            aria-label={`Run a quick test of ${config.name}`}
          >
            <IconFlask size={17} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Edit">
          <ActionIcon
            component={Link}
            to={`/features/${config.id}/edit`}
            variant="default"
            size="lg"
            aria-label={`Edit ${config.name}`}
            visibleFrom="sm"
          >
            <IconPencil size={17} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Clone">
          <ActionIcon
            component={Link}
            to={`/features/new?clone=${config.id}`}
            variant="default"
            size="lg"
            aria-label={`Clone ${config.name}`}
            visibleFrom="sm"
          >
            <IconCopy size={17} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <Menu position="bottom-end" width={220}>
          <Menu.Target>
            <ActionIcon variant="default" size="lg" aria-label={`Actions for ${config.name}`}>
              <IconDots size={17} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              leftSection={<IconPencil size={16} />}
              component={Link}
              to={`/features/${config.id}/edit`}
            >
              Edit
            </Menu.Item>
            <Menu.Item
              leftSection={<IconCopy size={16} />}
              onClick={() => navigate(`/features/new?clone=${config.id}`)}
            >
              Clone
            </Menu.Item>
            {config.status.best && (
              <Menu.Item
                leftSection={<IconRocket size={16} />}
                component={Link}
                to={quickTests.path(config.status.best.quick_test_id)}
              >
                {config.status.best.judged?.standing === "better"
                  ? "Open the best test"
                  : "Open the test with the best value"}
              </Menu.Item>
            )}
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={16} />}
              onClick={() => void remove(config)}
            >
              Delete
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
    </li>
  );
}

function wide(tensor: TensorDims | null | undefined): string {
  return tensor ? `${tensor.total}D` : NONE;
}
