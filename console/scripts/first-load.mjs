// How much compressed script a first visit of home loads: what index.html and home's page name, and
// what these import statically. Fails above the limit.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT_KB = 200;
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));

const files = new Set();
function visit(key) {
  const entry = manifest[key];
  if (files.has(entry.file)) return;
  files.add(entry.file);
  for (const next of entry.imports ?? []) visit(next);
}
for (const part of ["index.html", "src/home/HomePage.tsx"]) visit(part);

let total = 0;
for (const file of files) total += gzipSync(readFileSync(new URL(file, dist))).length;
const kb = total / 1024;
console.log(`First load: ${kb.toFixed(1)} KB of compressed script (limit ${LIMIT_KB} KB)`);
if (kb > LIMIT_KB) process.exit(1);
