import type { AnyDocument, Resource } from "@/api/resource";
import { ConflictDialog } from "./ConflictDialog";
import { OwnedDialog } from "./OwnedDialog";
import type { useSave } from "./useSave";

interface Props<Document extends AnyDocument> {
  resource: Resource<Document>;
  saving: ReturnType<typeof useSave<Document>>;
}

/** What a save may have to ask: of a document that a file keeps, or that somebody else changed. */
export function SaveDialogs<Document extends AnyDocument>(props: Props<Document>) {
  return (
    <>
      <OwnedDialog {...props} />
      <ConflictDialog saving={props.saving} />
    </>
  );
}
