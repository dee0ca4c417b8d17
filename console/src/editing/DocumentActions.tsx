import { ActionIcon, Button, Menu } from "@mantine/core";
import { IconCopy, IconDots, IconPencil, IconTrash } from "@tabler/icons-react";
import { Link, useNavigate } from "react-router";
import type { AnyDocument, Resource } from "@/api/resource";
import { useDelete } from "./useDelete";

interface Props<Document extends AnyDocument> {
  resource: Resource<Document>;
  document: Document;
  /** Where its list is. */
  list: string;
  /** Where a copy of it begins. */
  clone?: string;
}

/** What can be done with a stored document that is edited on a page of its own. */
export function DocumentActions<Document extends AnyDocument>({
  resource,
  document,
  list,
  clone,
}: Props<Document>) {
  const navigate = useNavigate();
  const remove = useDelete(resource);
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label="More actions">
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {clone && (
            <Menu.Item leftSection={<IconCopy size={16} />} component={Link} to={clone}>
              Clone
            </Menu.Item>
          )}
          <Menu.Item
            color="red"
            leftSection={<IconTrash size={16} />}
            onClick={async () => {
              if (await remove(document)) await navigate(list);
            }}
          >
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Button
        component={Link}
        to={`${resource.path(document.id)}/edit`}
        variant="default"
        leftSection={<IconPencil size={16} />}
      >
        Edit
      </Button>
    </>
  );
}
