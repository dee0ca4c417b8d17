import { Menu } from "@mantine/core";
import { IconFileText, IconGitCompare, IconJson, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { quickTests } from "@/api/quickTests";
import type { QuickTest } from "@/api/schema";
import { MarkMenu } from "@/marks/MarkMenu";
import { DeleteTest } from "./DeleteTest";
import { Again } from "./runs/RowMenu";

/** What else can be done with a test that has ended. */
export function More({ test }: { test: QuickTest }) {
  const path = quickTests.apiPath(test.id);
  const { state, comparison } = test.status;
  const completed = state === "completed";
  const [deleting, setDeleting] = useState(false);
  return (
    <>
      <MarkMenu
        runs={quickTests}
        run={test}
        on="page"
        before={
          completed && (
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
          )
        }
      >
        <Again test={test} />
        <Menu.Item
          color="red"
          leftSection={<IconTrash size={16} />}
          onClick={() => setDeleting(true)}
        >
          Delete
        </Menu.Item>
      </MarkMenu>
      {deleting && <DeleteTest test={test} onClose={() => setDeleting(false)} />}
    </>
  );
}
