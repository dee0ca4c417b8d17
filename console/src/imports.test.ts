import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const SOURCES = "src";
const IMPORT = /(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+|@\/[^"]+)"/g;

/** The modules that each module imports, types among them; not those that it loads when needed. */
function imports(): Map<string, string[]> {
  const all = readdirSync(SOURCES, { recursive: true, encoding: "utf8" });
  const files = all.filter((file) => /\.tsx?$/.test(file));
  const modules = new Map(files.map((file) => [file.replace(/\.tsx?$/, ""), file]));
  const found = new Map<string, string[]>();
  for (const [name, file] of modules) {
    const text = readFileSync(join(SOURCES, file), "utf8");
    const paths = [...text.matchAll(IMPORT)].filter(([all]) => !all.includes("("));
    const named = paths.map(([, path = ""]) =>
      path.startsWith("@/") ? path.slice(2) : relative(SOURCES, join(SOURCES, dirname(name), path)),
    );
    found.set(
      name,
      named.filter((other) => modules.has(other)),
    );
  }
  return found;
}

test("no import circles, not even between types", () => {
  const graph = imports();
  const done = new Set<string>();
  const circles: string[] = [];
  function visit(name: string, path: string[]): void {
    if (path.includes(name)) circles.push([...path.slice(path.indexOf(name)), name].join(" → "));
    if (done.has(name) || path.includes(name)) return;
    for (const next of graph.get(name) ?? []) visit(next, [...path, name]);
    done.add(name);
  }
  for (const name of graph.keys()) visit(name, []);
  expect(circles).toEqual([]);
  expect([...graph.values()].flat().length).toBeGreaterThan(300);
});
