import { Button } from "@mantine/core";
import { IconPlus, IconStack2 } from "@tabler/icons-react";
import { Link } from "react-router";
import { EmptyState } from "@/ui/EmptyState";
import classes from "./NoModels.module.css";
import { TypeDiagram } from "./TypeDiagram";
import { MODEL_TYPES, TYPE_ORDER } from "./types";

/** What a model is, and the three that there are, each a way to begin. */
export function NoModels() {
  return (
    <>
      <EmptyState
        icon={<IconStack2 size={24} stroke={1.5} />}
        title="Two towers make a model"
        action={
          <Button component={Link} to="/models/new" leftSection={<IconPlus size={16} />}>
            New model
          </Button>
        }
      >
        One tower turns what is known of a customer into a short list of numbers, an embedding; the
        other does so with a product. Training brings those together that belong together. A preset
        is a good start, and you can change every layer.
      </EmptyState>
      <h2 className={classes.heading}>What should it do?</h2>
      <ul className={classes.types}>
        {TYPE_ORDER.map((type) => (
          <li key={type} className={classes.type}>
            <TypeDiagram type={type} />
            <Link to={`/models/new?type=${type}`} className={classes.name}>
              {MODEL_TYPES[type].name}
            </Link>
            <p className={classes.lead}>{MODEL_TYPES[type].lead}</p>
          </li>
        ))}
      </ul>
    </>
  );
}
