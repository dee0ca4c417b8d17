import { Button } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useLost } from "@/api/connection";
import { detailsOf } from "@/api/errors";
import { Notice } from "./Notice";

interface Props<Data> {
  query: UseQueryResult<Data>;
  /** Of the same size as what is to come, so that nothing moves when it comes. */
  skeleton: ReactNode;
  children: (data: Data) => ReactNode;
}

/**
 * What a query found; a skeleton until then, and the reason where there is nothing to show. Data
 * that could not be fetched anew stays, with a note that it may be old.
 */
export function Loaded<Data>({ query, skeleton, children }: Props<Data>) {
  const lost = useLost();
  const again = (
    <Button
      size="compact-sm"
      variant="default"
      loading={query.isFetching}
      onClick={() => query.refetch()}
    >
      Try again
    </Button>
  );
  if (query.data === undefined) {
    if (!query.error) return <div aria-busy="true">{skeleton}</div>;
    return (
      <Notice tone="bad" title="This could not be loaded." action={again}>
        {detailsOf(query.error)}
      </Notice>
    );
  }
  return (
    <>
      {query.error && !lost && (
        <div style={{ marginBottom: "1rem" }}>
          <Notice tone="warning" action={again}>
            {detailsOf(query.error)} What you see may be out of date.
          </Notice>
        </div>
      )}
      {children(query.data)}
    </>
  );
}
