const LONGEST = 255;
const ENDING = " (copy)";

/** What a copy is called until somebody names it; never longer than a name may be. */
export function copyName(name: string): string {
  return name.slice(0, LONGEST - ENDING.length) + ENDING;
}
