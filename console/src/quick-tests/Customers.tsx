import { TextInput, UnstyledButton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { predictionInputsQuery } from "@/api/predictions";
import { plural } from "@/ui/format";
import classes from "./Customers.module.css";

interface Props {
  id: string;
  total: number;
  chosen: string | null;
  onChoose: (customer: string) => void;
}

/** Customers that the model was trained with, to choose from. */
export function Customers({ id, total, chosen, onChoose }: Props) {
  const [search, setSearch] = useState("");
  const [asked] = useDebouncedValue(search.trim(), 250);
  const found = useQuery(predictionInputsQuery(id, asked));
  return (
    <>
      <TextInput
        aria-label="Search customers"
        placeholder={`Search ${plural(total, "customer")}`}
        leftSection={<IconSearch size={16} />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      <ul className={classes.list} aria-label="Customers">
        {found.data?.customers.map(({ customer_id, purchases }) => (
          <li key={customer_id}>
            <UnstyledButton
              className={classes.customer}
              aria-pressed={chosen === customer_id}
              onClick={() => onChoose(customer_id)}
            >
              <span className={classes.id}>{customer_id}</span>
              <span className={classes.purchases}>{plural(purchases, "purchase")}</span>
            </UnstyledButton>
          </li>
        ))}
      </ul>
      {found.data?.customers.length === 0 && (
        <p className={classes.none}>No customer in the sample matches.</p>
      )}
    </>
  );
}
