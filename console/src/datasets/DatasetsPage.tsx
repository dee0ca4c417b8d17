import { Button } from "@mantine/core";
import { IconDatabase, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { datasets } from "@/api/datasets";
import type { Dataset } from "@/api/schema";
import { useNotDeleted } from "@/editing/useDelete";
import { EmptyState } from "@/ui/EmptyState";
import { ago, count, plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import classes from "@/ui/list.module.css";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { StatusBadge } from "@/ui/StatusBadge";
import { sourceText } from "./source";
import { datasetStatus } from "./status";

export default function DatasetsPage() {
  const query = useQuery(datasets.listQuery);
  const add = (
    <Button component={Link} to="/datasets/new" leftSection={<IconPlus size={16} />}>
      Add a dataset
    </Button>
  );
  return (
    <Page
      title="Datasets"
      lead="Purchases to train on: who bought what, and what is known about both."
      actions={
        query.data?.length ? (
          <>
            <Button component={Link} to="/datasets/forget" variant="default">
              Forget a customer
            </Button>
            {add}
          </>
        ) : undefined
      }
    >
      <Loaded query={query} skeleton={<Rows height={66} />}>
        {(all) => <List all={all} add={add} />}
      </Loaded>
    </Page>
  );
}

function List({ all, add }: { all: Dataset[]; add: React.ReactNode }) {
  const shown = useNotDeleted(datasets, all);
  if (shown.length === 0) {
    return (
      <EmptyState
        icon={<IconDatabase size={24} stroke={1.5} />}
        title="Start with your purchases"
        action={add}
      >
        A dataset is a table with a row for every purchase: one column is the customer, one the
        product. Columns such as time, price and category make recommendations better. CSV files,
        Parquet files and BigQuery tables work.
      </EmptyState>
    );
  }
  return (
    <ul className={classes.list}>
      {shown.map((dataset) => (
        <Row key={dataset.id} dataset={dataset} />
      ))}
    </ul>
  );
}

function Row({ dataset }: { dataset: Dataset }) {
  const { tone, label } = datasetStatus(dataset);
  const { row_count: rows, columns } = dataset.status;
  return (
    <li className={classes.row}>
      <div className={classes.main}>
        <Link to={datasets.path(dataset.id)} className={classes.name} title={dataset.name}>
          {dataset.name}
        </Link>
        <div className={classes.quiet} title={sourceText(dataset.spec.source)}>
          {sourceText(dataset.spec.source)}
        </div>
      </div>
      <div className={classes.figure}>
        <span className="num">{count(rows)}</span> rows
        <div className={classes.quiet}>{plural(columns.length, "column")}</div>
      </div>
      <div className={classes.state}>
        <StatusBadge tone={tone}>{label}</StatusBadge>
        <div className={classes.quiet}>changed {ago(dataset.updated_at)}</div>
      </div>
    </li>
  );
}
