import { Anchor, Code, List, Text } from "@mantine/core";
import { Link } from "react-router";
import { quickTests } from "@/api/quickTests";
import type { Erasure } from "@/api/schema";
import table from "@/ui/table.module.css";
import { Wide } from "@/ui/Wide";

/** What goes, or has gone, and what stays; all words are the server's. */
export function Erased({ found, done = false }: { found: Erasure; done?: boolean }) {
  const { removed, deleted, knowing, named_in, sources } = found;
  const known = knowing.length + named_in.length > 0;
  const plan = known ? "Nothing but what is listed here has this id." : "Nothing here has this id.";
  const nothing = done ? "Nothing had to be removed." : plan;
  return (
    <>
      {removed.length + deleted.length > 0 ? (
        <Items title={done ? "Gone" : "Would go"} items={[...removed, ...deleted]} />
      ) : (
        <Text>{nothing}</Text>
      )}
      {knowing.length > 0 && (
        <>
          <Text mt="md" mb={4}>
            {done ? "Tests that still know the customer" : "Tests that know the customer"}
          </Text>
          <Knowing tests={knowing} />
        </>
      )}
      <Items title="Documents that users wrote the id into, and change" items={named_in} />
      <Items title="Sources to take the customer's rows out of" items={sources} />
    </>
  );
}

function Items({ title, items }: { title: string; items: string[] }) {
  if (!items.length) return null;
  return (
    <>
      <Text mt="md" mb={4}>
        {title}
      </Text>
      <List>
        {items.map((item) => (
          <List.Item key={item}>{item}</List.Item>
        ))}
      </List>
    </>
  );
}

function Knowing({ tests }: { tests: Erasure["knowing"] }) {
  return (
    <Wide label="Tests that know the customer">
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Test</th>
            <th scope="col">Knows them</th>
            <th scope="col">Can be deleted</th>
            <th scope="col">Tests the same again</th>
          </tr>
        </thead>
        <tbody>
          {tests.map((test) => (
            <tr key={test.id}>
              <th scope="row">
                <Anchor component={Link} to={quickTests.path(test.id)} inherit>
                  {test.name}
                </Anchor>
              </th>
              <td>{test.certain ? "Yes" : "Perhaps"}</td>
              <td>{test.reason ?? "Yes"}</td>
              <td>
                <Code>{test.again}</Code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}
