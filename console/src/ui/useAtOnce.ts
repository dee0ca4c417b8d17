import { useState } from "react";

/**
 * What the address has, and what was chosen last until the address has it: that takes a moment, in
 * which a box would be as it was, and another choice would go by what was before.
 */
export function useAtOnce<T>(told: T, tell: (value: T) => void): [T, (value: T) => void] {
  const [seen, setSeen] = useState({ told, shown: told });
  if (JSON.stringify(seen.told) !== JSON.stringify(told)) setSeen({ told, shown: told });
  const choose = (shown: T): void => {
    setSeen((before) => ({ ...before, shown }));
    tell(shown);
  };
  return [seen.shown, choose];
}
