/** Values that lie in each other, by their names: `transforms.bucketize.buckets`. */

export function getAt(thing: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], thing);
}

/** The same thing with another value there. */
export function withAt<Thing>(thing: Thing, path: string, value: unknown): Thing {
  const [name = "", ...rest] = path.split(".");
  const inner = (thing as Record<string, unknown>)[name];
  const changed = rest.length ? withAt(inner ?? {}, rest.join("."), value) : value;
  return { ...thing, [name]: changed };
}
