import { Button } from "@mantine/core";
import { useState } from "react";
import { ask, SIGN_IN, useLost, useSignedOut } from "@/api/connection";
import { Notice } from "@/ui/Notice";
import classes from "./Lost.module.css";

/** Says so while the server does not answer or the sign-in has expired; gone when it does. */
export function Lost() {
  const lost = useLost();
  const signedOut = useSignedOut();
  const [asking, setAsking] = useState(false);
  return (
    <div className={classes.lost} role="status">
      {signedOut && (
        <Notice
          tone="warning"
          title="Your sign-in has expired."
          action={
            <Button
              component="a"
              href={SIGN_IN}
              target="_blank"
              rel="noreferrer"
              size="compact-sm"
              variant="default"
            >
              Sign in again
            </Button>
          }
        >
          It opens in another tab; come back to this one after it. What you have typed is still
          there, and running tests continue without this page.
        </Notice>
      )}
      {lost && !signedOut && (
        <Notice
          tone="warning"
          title="The server is not responding; trying again …"
          action={
            <Button
              size="compact-sm"
              variant="default"
              loading={asking}
              onClick={() => {
                setAsking(true);
                void ask().finally(() => setAsking(false));
              }}
            >
              Try again
            </Button>
          }
        >
          What you see may be out of date. What you have typed is still there, and running tests
          continue without this page.
        </Notice>
      )}
    </div>
  );
}
