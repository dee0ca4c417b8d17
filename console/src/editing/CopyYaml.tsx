import { Button } from "@mantine/core";
import { fileText } from "@/api/asCode";
import type { AnyDocument, Resource, WriteBody } from "@/api/resource";
import { download, fileName } from "@/ui/download";
import { failed, succeeded } from "@/ui/toast";
import { useRequest } from "./useRequest";

interface Props<Document extends AnyDocument> {
  resource: Resource<Document>;
  /** Stored or not. */
  draft: WriteBody<Document["spec"]>;
}

/** Copies a document as the YAML that belongs into its file. */
export function CopyYaml<Document extends AnyDocument>({ resource, draft }: Props<Document>) {
  const copying = useRequest({
    send: () => fileText(resource, draft),
    onSuccess: async (text) => {
      try {
        await navigator.clipboard.writeText(text);
        succeeded("The YAML is copied. Paste it into the file.");
      } catch {
        // Browsers have no clipboard for pages without TLS, and may refuse it.
        download(`${fileName(draft.name)}.yaml`, text, "application/yaml");
      }
    },
    onError: (fault) => failed("The YAML was not copied.", fault),
  });
  return (
    <Button variant="default" loading={copying.sending} onClick={() => copying.send()}>
      Copy YAML
    </Button>
  );
}
