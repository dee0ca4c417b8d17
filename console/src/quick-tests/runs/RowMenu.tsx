import { ActionIcon, Menu } from "@mantine/core";
import {
  IconAdjustments,
  IconArchive,
  IconArchiveOff,
  IconDots,
  IconPin,
  IconPinnedOff,
  IconRefresh,
  IconTag,
} from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { ended, quickTests, startQuickTest } from "@/api/quickTests";
import type { QuickTest } from "@/api/schema";
import { useRequest } from "@/editing/useRequest";
import { failed } from "@/ui/toast";
import { rerunOf } from "../draft";
import { MarksDialog } from "./MarksDialog";
import { useMark } from "./useMark";

/** What can be done with a test where it stands in a list. */
export function RowMenu({ test }: { test: QuickTest }) {
  const [marking, setMarking] = useState(false);
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size={32} aria-label={`More of ${test.name}`}>
            <IconDots size={17} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <MarkItems test={test} onMark={() => setMarking(true)} />
          {ended(test) && (
            <Menu.Item
              component={Link}
              to={`/tests/new?from=${test.id}`}
              leftSection={<IconAdjustments size={16} />}
            >
              Change and test again
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {marking && <MarksDialog tests={[test]} onClose={() => setMarking(false)} />}
    </>
  );
}

/** Pinning, tagging, archiving and running again, as items of a menu. */
export function MarkItems({ test, onMark }: { test: QuickTest; onMark: () => void }) {
  const mark = useMark();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { pinned, archived } = test.marks;
  const again = useRequest({
    send: (_: undefined, key) => startQuickTest(rerunOf(test), test.name, key),
    onSuccess: (made) => {
      client.setQueryData(quickTests.query(made.id).queryKey, made);
      return navigate(quickTests.path(made.id));
    },
    onError: (fault) => failed("The test was not started again.", fault),
  });
  return (
    <>
      <Menu.Item
        leftSection={pinned ? <IconPinnedOff size={16} /> : <IconPin size={16} />}
        onClick={() => void mark([test], { pinned: !pinned })}
      >
        {pinned ? "Unpin" : "Pin to the top"}
      </Menu.Item>
      <Menu.Item leftSection={<IconTag size={16} />} onClick={onMark}>
        Name, note and tags
      </Menu.Item>
      <Menu.Item
        leftSection={archived ? <IconArchiveOff size={16} /> : <IconArchive size={16} />}
        onClick={() => void mark([test], { archived: !archived })}
      >
        {archived ? "Take out of the archive" : "Archive"}
      </Menu.Item>
      {ended(test) && test.spec.purpose === "quick_test" && (
        <Menu.Item
          leftSection={<IconRefresh size={16} />}
          disabled={again.sending}
          onClick={() => again.send(undefined)}
        >
          Run again as it was
        </Menu.Item>
      )}
    </>
  );
}
