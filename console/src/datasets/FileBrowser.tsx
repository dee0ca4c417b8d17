import { Button, Group, Skeleton, UnstyledButton } from "@mantine/core";
import { IconCornerLeftUp, IconFile, IconFolder } from "@tabler/icons-react";
import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "@/api/client";
import { messageOf } from "@/api/errors";
import { Dialog } from "@/ui/Dialog";
import { plural } from "@/ui/format";
import { Notice } from "@/ui/Notice";
import classes from "./FileBrowser.module.css";
import { type FileKind, fileKind } from "./source";

/** A folder's data files; fails where Recsmith does not run on one's own machine. */
export function folderQuery(path: string) {
  return queryOptions({
    queryKey: ["files", path],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/files/", { params: { query: { path } }, signal })),
    retry: false,
  });
}

interface Props {
  onFile: (path: string) => void;
  /** With the format of most of its files. */
  onFolder: (path: string, kind: FileKind) => void;
  onClose: () => void;
}

/** Finds a file or a folder on the machine that Recsmith runs on. */
export function FileBrowser({ onFile, onFolder, onClose }: Props) {
  const [path, setPath] = useState("");
  const { data, error, isPending } = useQuery({
    ...folderQuery(path),
    placeholderData: keepPreviousData,
  });
  const kinds = data?.entries.flatMap(({ name, kind }) =>
    kind === "file" ? (fileKind(name) ?? []) : [],
  );
  const files = kinds?.length ?? 0;
  const parquet = kinds?.filter((kind) => kind === "parquet").length ?? 0;
  const most = parquet * 2 > files ? "parquet" : "csv";
  const choose = (choice: () => void) => {
    choice();
    onClose();
  };
  return (
    <Dialog onClose={onClose} title="Choose a file or a folder" size="lg">
      <p className={classes.path} aria-live="polite">
        {data?.path ?? " "}
      </p>
      {error && <Notice tone="bad">{messageOf(error)}</Notice>}
      <ul className={classes.list} aria-label={data?.path}>
        {isPending && <Skeleton height={160} />}
        {data?.parent && (
          <li>
            <UnstyledButton className={classes.entry} onClick={() => setPath(data.parent ?? "/")}>
              <IconCornerLeftUp size={17} stroke={1.6} aria-hidden="true" />
              <span>One folder up</span>
            </UnstyledButton>
          </li>
        )}
        {data?.entries.map((entry) => (
          <li key={entry.path}>
            <UnstyledButton
              className={classes.entry}
              onClick={() =>
                entry.kind === "folder" ? setPath(entry.path) : choose(() => onFile(entry.path))
              }
            >
              {entry.kind === "folder" ? (
                <IconFolder size={17} stroke={1.6} aria-label="Folder" />
              ) : (
                <IconFile size={17} stroke={1.6} aria-label="File" />
              )}
              <span className={classes.name}>{entry.name}</span>
              <span className={classes.size}>{bytes(entry.size)}</span>
            </UnstyledButton>
          </li>
        ))}
        {data && data.entries.length === 0 && (
          <li className={classes.none}>There are no folders and no CSV or Parquet files here.</li>
        )}
        {data?.truncated && (
          <li className={classes.none}>There are more. Enter the path instead.</li>
        )}
      </ul>
      <Group justify="flex-end" gap="xs" mt="md">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          disabled={files === 0}
          onClick={() => data && choose(() => onFolder(data.path, most))}
        >
          {files > 0
            ? `Use this folder: ${plural(most === "csv" ? files - parquet : parquet, `${most === "csv" ? "CSV" : "Parquet"} file`)}`
            : "No data files in this folder"}
        </Button>
      </Group>
    </Dialog>
  );
}

function bytes(size: number | null | undefined): string {
  if (size === null || size === undefined) return "";
  if (size < 1000) return `${size} B`;
  if (size < 1e6) return `${(size / 1e3).toFixed(0)} KB`;
  return size < 1e9 ? `${(size / 1e6).toFixed(1)} MB` : `${(size / 1e9).toFixed(1)} GB`;
}
