import { Text } from "@mantine/core";
import type { ReactNode } from "react";

/** Plain words with the field's exact term beside them: `how often a value occurs  min_frequency`. */
export function Term({ children, term }: { children: ReactNode; term: string }) {
  return (
    <>
      {children}{" "}
      <Text span inherit c="dimmed" fw={400}>
        {term}
      </Text>
    </>
  );
}
