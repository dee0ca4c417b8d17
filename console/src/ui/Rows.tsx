import { Skeleton } from "@mantine/core";

/** Grey rows in place of a list that is being loaded. */
export function Rows({ count = 4, height = 72 }: { count?: number; height?: number }) {
  return (
    <div style={{ display: "grid", gap: "0.625rem" }}>
      {Array.from({ length: count }, (_, row) => (
        <Skeleton key={row} height={height} radius="md" />
      ))}
    </div>
  );
}
