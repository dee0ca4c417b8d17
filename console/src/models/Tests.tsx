import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { testsOfQuery } from "@/api/quickTests";
import type { ModelConfig } from "@/api/schema";
import { TestsTable } from "@/quick-tests/TestsTable";
import { Loaded } from "@/ui/Loaded";
import { Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import classes from "./Tests.module.css";

/** The quick tests of a model. */
export function Tests({ model }: { model: ModelConfig }) {
  const query = useQuery(testsOfQuery({ model_config_id: model.id }));
  return (
    <Section title="Quick tests" lead="Tests of this model, latest first.">
      <Loaded query={query} skeleton={<Rows count={2} height={40} />}>
        {({ items, next_page_token }) =>
          items.length ? (
            <TestsTable
              tests={items}
              all={next_page_token && `/tests?model=${model.id}`}
              of="model"
            />
          ) : (
            <None model={model} />
          )
        }
      </Loaded>
    </Section>
  );
}

function None({ model }: { model: ModelConfig }) {
  return (
    <div className={classes.none}>
      Not tested yet. A quick test trains the model on a sample and measures how good it is.
      <Button
        component={Link}
        to={`/tests/new?model=${model.id}`}
        size="compact-sm"
        variant="default"
      >
        Run a quick test
      </Button>
    </div>
  );
}
