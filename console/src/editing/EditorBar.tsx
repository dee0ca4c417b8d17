import { Button } from "@mantine/core";
import { Link } from "react-router";
import classes from "./EditorBar.module.css";
import { UndoButtons } from "./UndoButtons";
import type { Undoing } from "./useUndo";

interface Props {
  /** Where `Cancel` leads. */
  back: string;
  undoing: Undoing;
  saving: boolean;
  onSave: () => void;
  /** On the button: `Save changes`. */
  save: string;
}

/** The foot of an editor of one page. */
export function EditorBar({ back, undoing, saving, onSave, save }: Props) {
  return (
    <footer className={classes.bar}>
      <Button component={Link} to={back} variant="subtle">
        Cancel
      </Button>
      <UndoButtons {...undoing} />
      <Button ml="auto" loading={saving} onClick={onSave}>
        {save}
      </Button>
    </footer>
  );
}
