import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import type { AnyDocument, Pair, Resource } from "@/api/resource";
import type { EffectOfChange } from "@/api/schema";
import { VERDICT_TONE } from "@/results/verdict";
import { DiffTable } from "@/ui/DiffTable";
import { differences } from "@/ui/diff";
import { Loaded } from "@/ui/Loaded";
import { Rows } from "@/ui/Rows";
import classes from "./WhatDiffers.module.css";

interface Side {
  label: string;
  spec: unknown;
}

interface Props<Document extends AnyDocument> {
  resource: Resource<Document>;
  id: string;
  pair: Pair;
  before: Side;
  after: Side;
}

/** The server's sentences about two revisions, what the change did, and folded beneath, each field. */
export function WhatDiffers<Document extends AnyDocument>({
  resource,
  id,
  pair,
  before,
  after,
}: Props<Document>) {
  const query = useQuery(resource.differencesQuery(id, pair));
  return (
    <Loaded query={query} skeleton={<Rows count={2} height={28} />}>
      {({ changes, effect }) => (
        <div className={classes.told}>
          {changes.length === 0 && <p>Nothing differs.</p>}
          {changes.length > 0 && (
            <ul className={classes.changes} aria-label="What differs">
              {changes.map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
          )}
          {effect && <Effect effect={effect} />}
          {changes.length > 0 && (
            <details>
              <summary>Field by field</summary>
              <DiffTable
                differences={differences(before.spec, after.spec)}
                before={before.label}
                after={after.label}
              />
            </details>
          )}
        </div>
      )}
    </Loaded>
  );
}

function Effect({ effect }: { effect: EffectOfChange }) {
  const { before, after, sentence, verdict, warnings } = effect;
  return (
    <div className={classes.effect} data-tone={verdict ? VERDICT_TONE[verdict] : "quiet"}>
      <p>{sentence}</p>
      {warnings?.map((warning) => (
        <p key={warning}>{warning}</p>
      ))}
      {before && after && (
        <Anchor
          component={Link}
          to={`/compare?tests=${before.quick_test_id},${after.quick_test_id}`}
          size="sm"
        >
          Compare the two tests
        </Anchor>
      )}
    </div>
  );
}
