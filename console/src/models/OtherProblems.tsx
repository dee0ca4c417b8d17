import { Link } from "react-router";
import { modelConfigs } from "@/api/modelConfigs";
import type { Problem } from "@/api/schema";
import { Notice } from "@/ui/Notice";
import classes from "./OtherProblems.module.css";
import { elsewhere } from "./problems";

/** What is said of the model as a whole: above all, that another one says the same. */
export function OtherProblems({ problems }: { problems: Problem[] }) {
  const said = elsewhere(problems);
  if (said.length === 0) return null;
  return (
    <div className={classes.list}>
      {said.map(({ path, code, message, level, received }) => (
        <Notice
          key={`${path} ${code}`}
          tone={level === "error" ? "bad" : "warning"}
          action={
            code === "duplicate_config" &&
            typeof received === "string" && (
              <Link to={modelConfigs.path(received)} className={classes.link} target="_blank">
                Open that one
              </Link>
            )
          }
        >
          {message}
        </Notice>
      ))}
    </div>
  );
}
