import { Button } from "@mantine/core";
import list from "@/ui/list.module.css";

interface Props {
  noun: string;
  /** Nothing but what is archived is hidden. */
  archived: boolean;
  onShowArchive: () => void;
  onClear: () => void;
}

/** In place of a list that its filters leave nothing of. */
export function NoneFound({ noun, archived, onShowArchive, onClear }: Props) {
  return (
    <p className={list.none}>
      {archived ? `Every ${noun} is in the archive.` : `No ${noun} matches these filters.`}{" "}
      <Button variant="subtle" size="compact-sm" onClick={archived ? onShowArchive : onClear}>
        {archived ? "Show the archive" : "Show all"}
      </Button>
    </p>
  );
}
