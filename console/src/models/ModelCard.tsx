import { ActionIcon, Tooltip } from "@mantine/core";
import {
  IconAdjustmentsHorizontal,
  IconCopy,
  IconPencil,
  IconScale,
  IconSortDescending2,
  IconStack3,
  IconTargetArrow,
  IconTrash,
  IconVector,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { labelOf } from "@/api/catalogue";
import { modelConfigs } from "@/api/modelConfigs";
import type { ModelConfig } from "@/api/schema";
import { documentStatus } from "@/editing/status";
import { useDelete } from "@/editing/useDelete";
import { type Meaning, meaningVariables } from "@/theme/meaning";
import { ago, count, exact, moment } from "@/ui/format";
import { StatusBadge } from "@/ui/StatusBadge";
import classes from "./ModelCard.module.css";
import { TowerBars } from "./TowerBars";
import { TypeBadge } from "./TypeBadge";
import { rates, retrieves, weighs } from "./types";

interface Props {
  model: ModelConfig;
  /** Neurons that fill a bar's width; the same for all cards. */
  scale: number;
}

export function ModelCard({ model, scale }: Props) {
  const { id, name, description, spec, updated_at } = model;
  const remove = useDelete(modelConfigs);
  const { tone, label } = documentStatus(model);
  return (
    <li className={classes.card}>
      <div className={classes.head}>
        <TypeBadge type={spec.model_type} />
        {tone !== "good" && <StatusBadge tone={tone}>{label}</StatusBadge>}
      </div>
      <div className={classes.naming}>
        <Link to={modelConfigs.path(id)} className={classes.name} title={name}>
          {name}
        </Link>
        <p className={classes.description}>{description}</p>
      </div>
      <TowerBars spec={spec} scale={scale} />
      <ul className={classes.facts} aria-label="How it is trained">
        <Fact meaning="optimizer" icon={<IconAdjustmentsHorizontal size={14} aria-hidden="true" />}>
          {labelOf("optimizers", spec.optimizer)} @ {exact(spec.learning_rate)}
        </Fact>
        <Fact meaning="hyperparameters" icon={<IconStack3 size={14} aria-hidden="true" />}>
          Batch {count(spec.batch_size)}
        </Fact>
        {retrieves(spec) && (
          <Fact meaning="output" icon={<IconVector size={14} aria-hidden="true" />}>
            Output {spec.output_embedding_dim}
          </Fact>
        )}
        {spec.reranker && (
          <Fact meaning="output" icon={<IconSortDescending2 size={14} aria-hidden="true" />}>
            Re-ranked
          </Fact>
        )}
        {rates(spec) && (
          <Fact meaning="rating" icon={<IconTargetArrow size={14} aria-hidden="true" />}>
            {labelOf("losses", spec.loss_function)}
          </Fact>
        )}
        {weighs(spec) && (
          <Fact meaning="multitask" icon={<IconScale size={14} aria-hidden="true" />}>
            Retrieval {exact(spec.retrieval_weight)} : rating {exact(spec.ranking_weight)}
          </Fact>
        )}
      </ul>
      <div className={classes.foot}>
        <span className={classes.updated} title={moment(updated_at)}>
          Changed {ago(updated_at)}
        </span>
        <Tooltip label="Edit">
          <ActionIcon
            component={Link}
            to={`${modelConfigs.path(id)}/edit`}
            variant="subtle"
            color="gray"
            aria-label={`Edit ${name}`}
          >
            <IconPencil size={17} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Clone">
          <ActionIcon
            component={Link}
            to={`/models/new?clone=${id}`}
            variant="subtle"
            color="gray"
            aria-label={`Clone ${name}`}
          >
            <IconCopy size={17} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Delete">
          <ActionIcon
            variant="subtle"
            color="gray"
            onClick={() => void remove(model)}
            aria-label={`Delete ${name}`}
          >
            <IconTrash size={17} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      </div>
    </li>
  );
}

function Fact({
  meaning,
  icon,
  children,
}: {
  meaning: Meaning;
  icon: ReactNode;
  children: ReactNode;
}) {
  return (
    <li className={classes.fact} style={meaningVariables(meaning)}>
      {icon}
      {children}
    </li>
  );
}
