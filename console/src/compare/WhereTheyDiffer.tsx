import { Anchor, Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { messageOf } from "@/api/errors";
import type { QuickTest } from "@/api/schema";
import { Notice } from "@/ui/Notice";
import { Section } from "@/ui/Section";
import table from "@/ui/table.module.css";
import { boughtLater, cameTrue, inBoth, listQuery, TOP } from "./lists";

interface Props {
  one: QuickTest;
  other: QuickTest;
  customers: string[];
  onChoose: (customer: string) => void;
}

interface Shared {
  customer: string;
  /** Products in both lists. */
  both: number;
  /** Products that the customer bought later; null: not known. */
  later: number | null;
  /** How many of these are in either list. */
  hits: [number, number];
}

/** Both models are asked for every customer that is listed; the ones with least in common first. */
export function WhereTheyDiffer({ one, other, customers, onChoose }: Props) {
  const client = useQueryClient();
  const [found, setFound] = useState<Shared[]>([]);
  const [asking, setAsking] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const stopped = useRef(false);
  const start = async (): Promise<void> => {
    stopped.current = false;
    setAsking(true);
    setFault(null);
    setFound([]);
    try {
      for (const customer of customers) {
        if (stopped.current) break;
        const [mine, theirs] = await Promise.all(
          [one, other].map(({ id }) => client.fetchQuery(listQuery(id, customer))),
        );
        if (!mine || !theirs) continue;
        const row: Shared = {
          customer,
          both: inBoth(mine, theirs),
          later: boughtLater(mine, theirs),
          hits: [cameTrue(mine), cameTrue(theirs)],
        };
        setFound((before) => [...before, row].sort((a, b) => a.both - b.both));
      }
    } catch (error) {
      setFault(error);
    }
    setAsking(false);
  };
  return (
    <Section
      title="Where they differ most"
      lead={`Both models are asked for the ${customers.length} customers with most purchases.`}
      actions={
        <Button
          variant="default"
          onClick={() => {
            if (asking) stopped.current = true;
            else void start();
          }}
        >
          {asking ? `Stop at ${found.length} of ${customers.length}` : "Ask for all of them"}
        </Button>
      }
    >
      {fault !== null && (
        <Notice tone="bad" title="A model did not answer.">
          {messageOf(fault)}
        </Notice>
      )}
      {found.length > 0 && (
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">Customer</th>
              <th scope="col" className={table.number}>
                In both lists, of {TOP}
              </th>
              <th scope="col" className={table.number}>
                Bought later
              </th>
              <th scope="col" className={table.number}>
                In the left list
              </th>
              <th scope="col" className={table.number}>
                In the right list
              </th>
            </tr>
          </thead>
          <tbody>
            {found.map(({ customer, both, later, hits }) => (
              <tr key={customer}>
                <th scope="row">
                  <Anchor component="button" type="button" onClick={() => onChoose(customer)}>
                    {customer}
                  </Anchor>
                </th>
                <td className={table.number}>{both}</td>
                <td className={table.number}>{later ?? "–"}</td>
                {hits.map((count, side) => (
                  <td key={side === 0 ? "left" : "right"} className={table.number}>
                    {later ? count : "–"}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}
