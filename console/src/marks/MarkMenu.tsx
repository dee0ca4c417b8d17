import { ActionIcon, Menu } from "@mantine/core";
import {
  IconArchive,
  IconArchiveOff,
  IconDots,
  IconPin,
  IconPinnedOff,
  IconTag,
} from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import type { MarkedDocument, Runs } from "@/api/resource";
import { MarksDialog } from "./MarksDialog";
import { useMark } from "./useMark";

interface Props<Run extends Short, Short extends MarkedDocument> {
  runs: Runs<Run, Short>;
  run: Short;
  /** Where it stands: in a row of many, which name it, or on its own page. */
  on: "row" | "page";
  /** Items before those of marks. */
  before?: ReactNode;
  /** Items after them. */
  children?: ReactNode;
}

/** Pinning, tagging, archiving and whatever else can be done with a run. */
export function MarkMenu<Run extends Short, Short extends MarkedDocument>({
  runs,
  run,
  on,
  before,
  children,
}: Props<Run, Short>) {
  const [marking, setMarking] = useState(false);
  const mark = useMark(runs);
  const { pinned, archived } = run.marks;
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          {on === "row" ? (
            <ActionIcon variant="subtle" color="gray" size={32} aria-label={`More of ${run.name}`}>
              <IconDots size={17} />
            </ActionIcon>
          ) : (
            <ActionIcon variant="default" size={36} aria-label="More">
              <IconDots size={18} />
            </ActionIcon>
          )}
        </Menu.Target>
        <Menu.Dropdown>
          {before}
          <Menu.Item
            leftSection={pinned ? <IconPinnedOff size={16} /> : <IconPin size={16} />}
            onClick={() => void mark([run], { pinned: !pinned })}
          >
            {pinned ? "Unpin" : "Pin to the top"}
          </Menu.Item>
          <Menu.Item leftSection={<IconTag size={16} />} onClick={() => setMarking(true)}>
            Name, note and tags
          </Menu.Item>
          <Menu.Item
            leftSection={archived ? <IconArchiveOff size={16} /> : <IconArchive size={16} />}
            onClick={() => void mark([run], { archived: !archived })}
          >
            {archived ? "Take out of the archive" : "Archive"}
          </Menu.Item>
          {children}
        </Menu.Dropdown>
      </Menu>
      {marking && <MarksDialog runs={runs} chosen={[run]} onClose={() => setMarking(false)} />}
    </>
  );
}
