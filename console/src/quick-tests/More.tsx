import { ActionIcon, Menu } from "@mantine/core";
import { IconDots, IconFileText, IconGitCompare, IconJson, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { quickTests } from "@/api/quickTests";
import type { QuickTest } from "@/api/schema";
import { DeleteTest } from "./DeleteTest";
import { MarksDialog } from "./runs/MarksDialog";
import { MarkItems } from "./runs/RowMenu";

/** What else can be done with a test that has ended. */
export function More({ test }: { test: QuickTest }) {
  const path = quickTests.apiPath(test.id);
  const { state, comparison } = test.status;
  const completed = state === "completed";
  const [deleting, setDeleting] = useState(false);
  const [marking, setMarking] = useState(false);
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label="More">
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {completed && (
            <>
              <Menu.Item
                component="a"
                href={`${path}report/`}
                target="_blank"
                rel="noreferrer"
                leftSection={<IconFileText size={16} />}
              >
                Report (HTML)
              </Menu.Item>
              <Menu.Item
                component="a"
                href={`${path}report.json/`}
                target="_blank"
                rel="noreferrer"
                leftSection={<IconJson size={16} />}
              >
                Report (JSON)
              </Menu.Item>
              <Menu.Item
                component={Link}
                to={`/compare?tests=${[test.id, comparison?.quick_test_id].filter(Boolean).join(",")}`}
                leftSection={<IconGitCompare size={16} />}
              >
                Compare with others
              </Menu.Item>
            </>
          )}
          <MarkItems test={test} onMark={() => setMarking(true)} />
          <Menu.Item
            color="red"
            leftSection={<IconTrash size={16} />}
            onClick={() => setDeleting(true)}
          >
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {marking && <MarksDialog tests={[test]} onClose={() => setMarking(false)} />}
      {deleting && <DeleteTest test={test} onClose={() => setDeleting(false)} />}
    </>
  );
}
