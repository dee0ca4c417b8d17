import { Button, Group, List, Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { messageOf } from "@/api/errors";
import { quickTests } from "@/api/quickTests";
import type { QuickTest } from "@/api/schema";
import { useDelete } from "@/editing/useDelete";
import { Dialog } from "@/ui/Dialog";
import { Notice } from "@/ui/Notice";

/** What goes with a test, before it is deleted; what uses it is said where it cannot be. */
export function DeleteTest({ test, onClose }: { test: QuickTest; onClose: () => void }) {
  const navigate = useNavigate();
  const remove = useDelete(quickTests);
  const what = test.spec.purpose === "full_training" ? "full training" : "quick test";
  const plan = useQuery({
    queryKey: [quickTests.key, "usage", test.id],
    queryFn: () => quickTests.usage?.(test.id) ?? null,
    gcTime: 0,
  });
  const usage = plan.data;
  return (
    <Dialog onClose={onClose} title={`Delete this ${what}?`}>
      {plan.error && <Notice tone="bad">{messageOf(plan.error)}</Notice>}
      {plan.isPending && <Skeleton height={96} />}
      {usage && !usage.deletable && (
        <Notice tone="warning">
          {usage.reason} {usage.advice}
        </Notice>
      )}
      {usage?.deletable && (
        <>
          <Text c="var(--text-2)">With it go:</Text>
          <List my="sm" spacing={4}>
            {usage.removes.map((part) => (
              <List.Item key={part}>{part}</List.Item>
            ))}
          </List>
        </>
      )}
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button
          color="red"
          disabled={!usage?.deletable}
          onClick={async () => {
            if (await remove(test)) await navigate("/tests");
            else onClose();
          }}
        >
          Delete
        </Button>
        <Button variant="default" data-autofocus onClick={onClose}>
          Keep it
        </Button>
      </Group>
    </Dialog>
  );
}
