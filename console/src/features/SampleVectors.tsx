import { Anchor, Select } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { answer, api } from "@/api/client";
import { quickTests, testsOfQuery } from "@/api/quickTests";
import type { SampleTensor } from "@/api/schema";
import { MEANINGS, meaningVariables } from "@/theme/meaning";
import { ago } from "@/ui/format";
import classes from "./SampleVectors.module.css";
import type { Tower } from "./spec";

/** The trained towers' inputs for a customer and a product, by the config's latest test. */
export function SampleVectors({ configId }: { configId: string | undefined }) {
  const tests = useQuery({
    ...testsOfQuery({ feature_config_id: configId ?? "" }),
    enabled: configId !== undefined,
  });
  const test = tests.data?.items.find(({ status }) => status.state === "completed");
  const [chosen, setChosen] = useState<{ customer?: string; product?: string }>({});
  const tensors = useQuery({
    queryKey: ["quick-tests", "tensors", test?.id, chosen],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/quick-tests/{quick_test_id}/sample-tensors/", {
          params: { path: { quick_test_id: test?.id ?? "" }, query: chosen },
          signal,
        }),
      ),
    enabled: test !== undefined,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });

  if (!test || tensors.isError) {
    return (
      <p className={classes.none}>
        Sample vectors of customers and products appear here after the first quick test.
      </p>
    );
  }
  return (
    <div>
      <p className={classes.none}>
        Samples from{" "}
        <Anchor component={Link} to={quickTests.path(test.id)} inherit>
          the quick test of version {test.status.pinned?.feature_config_revision}
        </Anchor>
        , {ago(test.status.ended_at)}
      </p>
      <div className={classes.samples}>
        <Sample
          tower="buyer"
          label="Customer"
          tensor={tensors.data?.buyer}
          onChoose={(customer) => setChosen((now) => ({ ...now, customer }))}
        />
        <Sample
          tower="product"
          label="Product"
          tensor={tensors.data?.product}
          onChoose={(product) => setChosen((now) => ({ ...now, product }))}
        />
      </div>
    </div>
  );
}

const SHOWN = 6;

interface SampleProps {
  tower: Tower;
  label: string;
  tensor: SampleTensor | undefined;
  onChoose: (id: string) => void;
}

function Sample({ tower, label, tensor, onChoose }: SampleProps) {
  return (
    <div className={classes.sample} style={meaningVariables(tower)}>
      <Select
        size="xs"
        label={`${label} of the ${MEANINGS[tower].label.toLowerCase()} tensor`}
        value={tensor?.id ?? null}
        data={[...new Set(tensor?.others ?? [])]}
        onChange={(id) => id && onChoose(id)}
        searchable
        allowDeselect={false}
        maw={260}
      />
      <dl className={classes.parts}>
        {tensor?.parts.map(({ name, values }) => (
          <div key={name}>
            <dt title={name}>{name}</dt>
            <dd>
              [
              {values
                .slice(0, SHOWN)
                .map((value) => value.toFixed(2))
                .join(", ")}
              {values.length > SHOWN ? `, … ${values.length} in all` : ""}]
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
