import { modelConfigs } from "@/api/modelConfigs";
import type { Problem } from "@/api/schema";
import { ProblemNotice } from "@/editing/ProblemNotice";
import classes from "./OtherProblems.module.css";
import { elsewhere } from "./problems";

/** What is said of the model as a whole: above all, that another one says the same. */
export function OtherProblems({ problems }: { problems: Problem[] }) {
  const said = elsewhere(problems);
  if (said.length === 0) return null;
  return (
    <div className={classes.list}>
      {said.map((problem) => (
        <ProblemNotice
          key={`${problem.path} ${problem.code}`}
          problem={problem}
          path={modelConfigs.path}
        />
      ))}
    </div>
  );
}
