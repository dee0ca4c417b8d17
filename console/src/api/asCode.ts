import { answer, api } from "./client";
import type { AnyDocument, Resource, WriteBody } from "./resource";

/** A document, stored or not, as the YAML file that would keep it. */
export async function fileText<Document extends AnyDocument>(
  resource: Resource<Document>,
  { name, description, spec }: WriteBody<Document["spec"]>,
): Promise<string> {
  const body = { kind: resource.noun, name, description, spec };
  return (await answer(api.POST("/api/as-code/render/", { body }))).text;
}
