import { ActionIcon, Menu } from "@mantine/core";
import {
  IconDots,
  IconExternalLink,
  IconFileText,
  IconGitCompare,
  IconJson,
} from "@tabler/icons-react";
import { Link } from "react-router";
import { quickTests } from "@/api/quickTests";
import type { QuickTest } from "@/api/schema";

/** What else can be done with a test that has ended. */
export function More({ test }: { test: QuickTest }) {
  const path = quickTests.apiPath(test.id);
  const { tracking, state, comparison } = test.status;
  const completed = state === "completed";
  const url = /^https?:\/\//.test(tracking.url ?? "") ? tracking.url : null;
  if (!completed && !url) return null;
  return (
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
        {url && (
          <Menu.Item
            component="a"
            href={url}
            target="_blank"
            rel="noreferrer"
            leftSection={<IconExternalLink size={16} />}
          >
            Open in MLflow
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
