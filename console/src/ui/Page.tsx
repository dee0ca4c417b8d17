import { Anchor, Group, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import { Link } from "react-router";
import classes from "./Page.module.css";

interface Props {
  /** The heading, and the browser tab's name. */
  title: string;
  /** Shown in place of the title, e.g. beside a badge. */
  heading?: ReactNode;
  lead?: ReactNode;
  /** Buttons beside the heading, the main one last. */
  actions?: ReactNode;
  /** Where this page lies: the list that it is part of. */
  parent?: { label: string; to: string };
  /** Full width, for builders and comparisons. */
  wide?: boolean;
  children: ReactNode;
}

/** A page: heading, actions, content. Names the browser tab, and takes the focus when it opens. */
export function Page({ title, heading, lead, actions, parent, wide, children }: Props) {
  const top = useRef<HTMLHeadingElement>(null);

  useEffect(() => {
    document.title = `${title} · Recsmith`;
  }, [title]);

  useEffect(() => {
    top.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, []);

  return (
    <div className={classes.page} data-wide={wide || undefined}>
      <header className={classes.header}>
        <div className={classes.headings}>
          {parent && (
            <Anchor
              component={Link}
              to={parent.to}
              underline="hover"
              className={classes.parent}
              title={parent.label}
            >
              <span aria-hidden="true">←</span> {parent.label}
            </Anchor>
          )}
          <Title order={1} ref={top} tabIndex={-1} className={classes.title} title={title}>
            {heading ?? title}
          </Title>
          {lead && (
            <Text component="div" className={classes.lead}>
              {lead}
            </Text>
          )}
        </div>
        {actions && (
          <Group gap="xs" className={classes.actions}>
            {actions}
          </Group>
        )}
      </header>
      {children}
    </div>
  );
}
