import { Button } from "@mantine/core";
import { IconPlus, IconStack2 } from "@tabler/icons-react";
import { Link } from "react-router";
import { EmptyState } from "@/ui/EmptyState";
import classes from "./NoModels.module.css";
import { TypeDiagram } from "./TypeDiagram";
import { modelTypes } from "./types";

/** What a model is, and what models can do, each a way to begin. */
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
        The buyer tower turns what is known about a customer into an embedding, a short list of
        numbers; the product tower does the same for a product. Training brings customers close to
        the products that they buy. A preset is a good start, and you can change every layer.
      </EmptyState>
      <h2 className={classes.heading}>What should the model do?</h2>
      <ul className={classes.types}>
        {modelTypes().map(({ name: type, label, help }) => (
          <li key={type} className={classes.type}>
            <TypeDiagram type={type} />
            <Link to={`/models/new?type=${type}`} className={classes.name}>
              {label}
            </Link>
            <p className={classes.lead}>{help}</p>
          </li>
        ))}
      </ul>
    </>
  );
}
