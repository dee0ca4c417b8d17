import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, messageOf } from "@/api/errors";
import { sampleTensorsQuery } from "@/api/quickTests";
import type { SampleTensor } from "@/api/schema";
import { number } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import classes from "./SampleTensors.module.css";

/** What the trained towers are fed: one customer, one product, in numbers. */
export default function SampleTensors({ id }: { id: string }) {
  const [customer, setCustomer] = useState<string>();
  const [product, setProduct] = useState<string>();
  const query = useQuery(sampleTensorsQuery(id, customer, product));
  const gone = query.error instanceof ApiError && query.error.status === 404;
  return (
    <Section
      title="Tower inputs"
      lead="A customer and a product as the trained model sees them: every feature has become numbers."
    >
      {gone ? (
        <p className={classes.none}>This test has no sample tensors. {messageOf(query.error)}</p>
      ) : (
        <Loaded query={query} skeleton={<Rows count={2} height={220} />}>
          {({ buyer, product: item }) => (
            <div className={classes.pair}>
              <Tensor label="Customer" tower="buyer" tensor={buyer} onChange={setCustomer} />
              <Tensor label="Product" tower="product" tensor={item} onChange={setProduct} />
            </div>
          )}
        </Loaded>
      )}
    </Section>
  );
}

function Tensor({
  label,
  tower,
  tensor,
  onChange,
}: {
  label: string;
  tower: "buyer" | "product";
  tensor: SampleTensor;
  onChange: (id: string) => void;
}) {
  const largest = Math.max(...tensor.parts.flatMap(({ values }) => values.map(Math.abs)), 1e-9);
  return (
    <div className={classes.tensor} data-tower={tower}>
      <Select
        label={label}
        data={[...new Set([tensor.id, ...tensor.others])]}
        value={tensor.id}
        onChange={(value) => value && onChange(value)}
        allowDeselect={false}
        searchable
      />
      <p className={classes.dim}>{tensor.dim} dimensions</p>
      <dl className={classes.parts}>
        {tensor.parts.map(({ name, values }) => (
          <div key={name}>
            <dt>
              {name} <span>{values.length}</span>
            </dt>
            <dd>
              <span className={classes.cells} aria-hidden="true">
                {values.map((value, place) => (
                  <i
                    key={place}
                    style={{ opacity: 0.12 + 0.88 * (Math.abs(value) / largest) }}
                    data-sign={value < 0 ? "minus" : "plus"}
                  />
                ))}
              </span>
              <span className={classes.values}>
                {values.slice(0, 4).map(number).join(", ")}
                {values.length > 4 && ", …"}
              </span>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
