import { Button } from "@mantine/core";
import { type ReactNode, useState } from "react";

const AT_ONCE = 50;

/** The first of many, as many as are drawn at once, and the button that shows more where there are. */
export function useFirst<Item>(items: Item[]): [Item[], ReactNode] {
  const [limit, setLimit] = useState(AT_ONCE);
  return [
    items.slice(0, limit),
    items.length > limit && (
      <Button variant="default" mt="md" onClick={() => setLimit(limit + AT_ONCE)}>
        Show more
      </Button>
    ),
  ];
}
