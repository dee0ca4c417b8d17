import type { ReactNode } from "react";
import type { Connection } from "@/api/eventStream";
import { Notice } from "./Notice";
import classes from "./Reconnecting.module.css";

/** Says so while a live page hears nothing. */
export function Reconnecting({
  connection,
  children,
}: {
  connection: Connection;
  children: ReactNode;
}) {
  return (
    <div className={classes.beside} role="status">
      {connection === "reconnecting" && (
        <Notice tone="warning" title="The connection is lost; connecting again …">
          {children}
        </Notice>
      )}
    </div>
  );
}
