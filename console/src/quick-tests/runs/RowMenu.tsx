import { Menu } from "@mantine/core";
import { IconAdjustments, IconRefresh } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "react-router";
import { ended, quickTests, startQuickTest } from "@/api/quickTests";
import type { QuickTestSummary } from "@/api/schema";
import { useRequest } from "@/editing/useRequest";
import { MarkMenu } from "@/marks/MarkMenu";
import { failed } from "@/ui/toast";
import { rerunOf } from "../draft";

/** What can be done with a test where it stands in a list. */
export function RowMenu({ test }: { test: QuickTestSummary }) {
  return (
    <MarkMenu runs={quickTests} run={test} on="row">
      <Again test={test} />
      {ended(test) && (
        <Menu.Item
          component={Link}
          to={`/tests/new?from=${test.id}`}
          leftSection={<IconAdjustments size={16} />}
        >
          Change and test again
        </Menu.Item>
      )}
    </MarkMenu>
  );
}

/** The same test once more, as an item of a menu; of one that has not ended, or of a training in
 * full, there is none. */
export function Again({ test }: { test: QuickTestSummary }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const again = useRequest({
    send: (_: undefined, key) => startQuickTest(rerunOf(test), test.name, key),
    onSuccess: (made) => {
      client.setQueryData(quickTests.query(made.id).queryKey, made);
      return navigate(quickTests.path(made.id));
    },
    onError: (fault) => failed("The test was not started again.", fault),
  });
  if (!ended(test) || test.spec.purpose !== "quick_test") return null;
  return (
    <Menu.Item
      leftSection={<IconRefresh size={16} />}
      disabled={again.sending}
      onClick={() => again.send(undefined)}
    >
      Run again as it was
    </Menu.Item>
  );
}
