import { Anchor, Button, Group } from "@mantine/core";
import { Link, useRouteError } from "react-router";
import { messageOf } from "@/api/errors";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";

/** In place of a page whose code failed. */
export function BrokenPage({ whole }: { whole?: boolean }) {
  const fault = useRouteError();
  // A new version of the console has other file names: what an open page wants to load is gone.
  const outdated = /dynamically imported module|Importing a module/i.test(messageOf(fault));
  const reload = <Button onClick={() => location.reload()}>Load the page again</Button>;
  const page = (
    <Page title={outdated ? "The console has been updated" : "This page does not work"}>
      <Notice tone={outdated ? "info" : "bad"} title={outdated ? undefined : messageOf(fault)}>
        {outdated
          ? "Load the page again to go on with the new version."
          : "That is a fault of the console, not yours. What you have saved is safe."}
      </Notice>
      <Group mt="lg">
        {reload}
        <Anchor href="/">Back to the start</Anchor>
      </Group>
    </Page>
  );
  return whole ? <main>{page}</main> : page;
}

export function NotFoundPage() {
  return (
    <Page title="There is no such page" lead="The address may be mistyped, or of an older version.">
      <Anchor component={Link} to="/">
        Back to the start
      </Anchor>
    </Page>
  );
}
