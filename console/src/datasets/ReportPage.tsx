import { Button, Skeleton } from "@mantine/core";
import { IconReportAnalytics } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "react-router";
import { datasets, profileAgain, reportQuery } from "@/api/datasets";
import type { DatasetReport, Finding } from "@/api/schema";
import { useRequest } from "@/editing/useRequest";
import { EmptyState } from "@/ui/EmptyState";
import { ago, moment, plural } from "@/ui/format";
import { Loaded } from "@/ui/Loaded";
import { Notice } from "@/ui/Notice";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import { failed, succeeded } from "@/ui/toast";
import { FindingBox } from "./FindingBox";
import classes from "./ReportPage.module.css";

/** What a dataset's rows are like, and what to do about it, before anything is trained. */
export default function ReportPage() {
  const { id = "" } = useParams();
  const dataset = useQuery(datasets.query(id));
  const profiled = dataset.data?.status.profiled_at ?? null;
  const query = useQuery({ ...reportQuery(id, profiled), enabled: !dataset.isPending });
  const name = query.data?.dataset_name ?? dataset.data?.name;
  return (
    <Page
      title={name ? `Report on ${name}` : "Report"}
      parent={{ label: name ?? "Dataset", to: `/datasets/${id}` }}
      lead={
        query.data?.profiled_at && (
          <span>
            <span className="num">{plural(query.data.rows ?? 0, "row")}</span>, profiled{" "}
            <span title={moment(query.data.profiled_at)}>{ago(query.data.profiled_at)}</span>
          </span>
        )
      }
    >
      <Loaded
        query={query}
        skeleton={
          <>
            <Skeleton height={20} width={240} mb="lg" />
            <Rows count={6} height={112} />
          </>
        }
      >
        {(report) => <Report report={report} />}
      </Loaded>
    </Page>
  );
}

function Report({ report }: { report: DatasetReport }) {
  if (report.reason) return <Nothing report={report} />;
  const warnings = report.findings.filter(({ level }) => level === "warning");
  const others = report.findings.filter(({ level }) => level !== "warning");
  return (
    <>
      {report.notes.length > 0 && (
        <Notice>
          {report.notes.map((note) => (
            <div key={note}>{note}</div>
          ))}
        </Notice>
      )}
      <Section
        title={warnings.length > 0 ? `${plural(warnings.length, "thing")} to mend` : "To mend"}
        lead={
          warnings.length > 0
            ? "What would make a model worse, or look better than it is."
            : "Nothing was found that would make a model worse, or look better than it is."
        }
      >
        <List findings={warnings} dataset={report.dataset_id} />
      </Section>
      <Section title="To know" lead="What the purchases are like, and what that means for a model.">
        <List findings={others} dataset={report.dataset_id} />
      </Section>
    </>
  );
}

function List({ findings, dataset }: { findings: Finding[]; dataset: string }) {
  if (findings.length === 0) return null;
  return (
    <ul className={classes.list}>
      {findings.map((finding) => (
        <li key={finding.kind}>
          <FindingBox finding={finding} dataset={dataset} />
        </li>
      ))}
    </ul>
  );
}

function Nothing({ report }: { report: DatasetReport }) {
  const client = useQueryClient();
  const profiling = useRequest({
    send: () => profileAgain(report.dataset_id),
    onSuccess: (pending) => {
      client.setQueryData(datasets.query(report.dataset_id).queryKey, pending);
      succeeded("The data is being read.");
    },
    onError: (fault) => failed("The data could not be profiled.", fault),
  });
  return (
    <EmptyState
      icon={<IconReportAnalytics size={28} stroke={1.6} />}
      title="There is no report yet"
      action={
        <Button loading={profiling.sending} onClick={() => profiling.send()}>
          Profile again
        </Button>
      }
    >
      {report.reason}
    </EmptyState>
  );
}
