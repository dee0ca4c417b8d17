import { Anchor, Button, Group } from "@mantine/core";
import { useEffect, useState } from "react";
import { Link, useRouteError } from "react-router";
import { ask, isLost, onConnection, useSignedOut } from "@/api/connection";
import { messageOf } from "@/api/errors";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";

/** In place of a page whose code failed. */
export function BrokenPage({ whole }: { whole?: boolean }) {
  const fault = useRouteError();
  if (isNotLoaded(fault)) return <NotLoaded whole={whole} />;
  const reload = <Button onClick={() => location.reload()}>Reload the page</Button>;
  const page = (
    <Page title="Something went wrong on this page">
      <Notice tone="bad" title={messageOf(fault)}>
        This is an error in the console. What you have saved is safe.
      </Notice>
      <Group mt="lg">
        {reload}
        <Anchor href="/">Back to the start page</Anchor>
      </Group>
    </Page>
  );
  return whole ? <main>{page}</main> : page;
}

/** Whether a page's script or style could not be fetched. */
export function isNotLoaded(fault: unknown): boolean {
  return /dynamically imported module|Importing a module|preload CSS/i.test(messageOf(fault));
}

/**
 * A page whose code could not be loaded: the server does not answer, and it is loaded when it does;
 * or a new version of the console has other file names, and what an open page wants is gone.
 */
export function NotLoaded({ whole }: { whole?: boolean }) {
  const [answers, setAnswers] = useState<boolean | null>(null);
  const signedOut = useSignedOut();
  useEffect(() => {
    const end = onConnection(() => {
      if (!isLost()) location.reload();
    });
    void ask().then(setAnswers);
    return end;
  }, []);
  const page = (
    <Page title={answers ? "The console has been updated" : "This page could not be loaded"}>
      <Notice
        tone={answers ? "info" : "bad"}
        action={
          <Button size="compact-sm" variant="default" onClick={() => location.reload()}>
            {signedOut ? "Sign in again" : answers ? "Reload the page" : "Try again"}
          </Button>
        }
      >
        {answers
          ? "Reload the page to use the new version."
          : signedOut
            ? "Your sign-in has expired. The page is loaded once you have signed in again."
            : "The server is not responding. The page is loaded as soon as it does."}
      </Notice>
    </Page>
  );
  return whole ? <main>{page}</main> : page;
}

export function NotFoundPage() {
  return (
    <Page title="Page not found" lead="The address may be mistyped, or from an older version.">
      <Anchor component={Link} to="/">
        Back to the start page
      </Anchor>
    </Page>
  );
}
