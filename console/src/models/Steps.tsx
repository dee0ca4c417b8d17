import { IconAlertCircle } from "@tabler/icons-react";
import { Link, useSearchParams } from "react-router";
import { labelOf } from "@/api/catalogue";
import type { Problem } from "@/api/schema";
import { exact } from "@/ui/format";
import { type Draft, layersOf } from "./draft";
import { widthsText } from "./layers";
import { type Step, stepOf } from "./problems";
import classes from "./Steps.module.css";

export const STEP_ORDER: Step[] = ["type", "architecture", "training"];

const NAMES: Record<Step, string> = {
  type: "Task",
  architecture: "Architecture",
  training: "Training",
};

interface Props {
  step: Step;
  draft: Draft;
  problems: Problem[];
}

/** The three steps, each with what was chosen in it and with its problems. */
export function Steps({ step, draft, problems }: Props) {
  const [parameters] = useSearchParams();
  const link = (to: Step) => {
    const search = new URLSearchParams(parameters);
    search.set("step", to);
    return `?${search}`;
  };
  const { settings, blocks } = draft;
  const chosen: Record<Step, string> = {
    type: labelOf("tasks", settings.model_type),
    architecture: widthsText(layersOf(blocks.buyer)),
    training: `${labelOf("optimizers", settings.optimizer)} @ ${exact(settings.learning_rate)}`,
  };
  return (
    <nav aria-label="Steps">
      <ol className={classes.steps}>
        {STEP_ORDER.map((item, place) => {
          const wrong = problems.filter(
            (problem) => problem.level === "error" && stepOf(problem) === item,
          ).length;
          return (
            <li key={item} className={classes.step}>
              <Link
                to={link(item)}
                className={classes.link}
                aria-current={item === step ? "step" : undefined}
              >
                <span className={classes.number} aria-hidden="true">
                  {place + 1}
                </span>
                <span className={classes.words}>
                  <span className={classes.name}>{NAMES[item]}</span>
                  <span className={classes.chosen} title={chosen[item]}>
                    {chosen[item]}
                  </span>
                </span>
                {wrong > 0 && (
                  <span className={classes.wrong}>
                    <IconAlertCircle size={16} stroke={2} aria-hidden="true" />
                    {wrong}
                    <span className={classes.hidden}> {wrong === 1 ? "problem" : "problems"}</span>
                  </span>
                )}
              </Link>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
