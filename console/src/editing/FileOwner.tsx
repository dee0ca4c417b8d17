import type { AnyDocument, Resource } from "@/api/resource";
import { Notice } from "@/ui/Notice";
import { CopyYaml } from "./CopyYaml";

interface Props<Document extends AnyDocument> {
  resource: Resource<Document>;
  document: Document;
}

/** Says which file keeps a document, and whether the file is behind; nothing where none does. */
export function FileOwner<Document extends AnyDocument>({ resource, document }: Props<Document>) {
  const { managed_by: owner, revision } = document;
  if (!owner) return null;
  const behind = revision > owner.revision;
  return (
    <div style={{ marginBottom: "1rem" }}>
      <Notice
        tone={behind ? "warning" : "info"}
        title={
          <>
            {behind ? "Changed since it was applied from " : "Kept in "}
            <code>{owner.path}</code>
          </>
        }
        action={<CopyYaml resource={resource} draft={document} />}
      >
        {behind
          ? `The file said version ${owner.revision}. Copy the YAML into it, or the next recsmith apply goes back to what it says.`
          : "Change it there: the next recsmith apply takes back what is changed here."}
      </Notice>
    </div>
  );
}
