import { Anchor } from "@mantine/core";
import { Link } from "react-router";
import type { Problem } from "@/api/schema";
import { Notice } from "@/ui/Notice";

interface Props {
  problem: Problem;
  /** Where documents of this kind are: a twin is linked. */
  path: (id: string) => string;
}

/** What the system says of a document as a whole. */
export function ProblemNotice({ problem, path }: Props) {
  const { code, level, message, received } = problem;
  const twin = code === "duplicate_config" && typeof received === "string" ? received : null;
  return (
    <Notice
      tone={level === "error" ? "bad" : "warning"}
      action={
        twin && (
          <Anchor
            component={Link}
            to={path(twin)}
            target="_blank"
            size="sm"
            c="inherit"
            fw={600}
            flex="none"
          >
            Open that one
          </Anchor>
        )
      }
    >
      {message}
    </Notice>
  );
}
