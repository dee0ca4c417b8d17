import { readFileSync } from "node:fs";
import openapiTS, { astToString, COMMENT_HEADER } from "openapi-typescript";
import { expect, it } from "vitest";

it("types are those of the API's description; if not, run `make console-client`", async () => {
  const description = JSON.parse(readFileSync("src/api/openapi.json", "utf8"));
  const ast = await openapiTS(description, { rootTypes: true, rootTypesNoSchemaPrefix: true });
  expect(COMMENT_HEADER + astToString(ast)).toBe(readFileSync("src/api/schema.d.ts", "utf8"));
});
