import { Button, Code, CopyButton, Group, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useOfModelQuery } from "@/api/registeredModels";
import { Loaded } from "@/ui/Loaded";
import { Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";

/** Where a model lies, how it is loaded and asked, and the way back; all words are the server's. */
export function UseThisModel({ quickTestId }: { quickTestId: string }) {
  const query = useQuery(useOfModelQuery(quickTestId));
  return (
    <Section title="Use this model">
      <Loaded query={query} skeleton={<Rows count={3} height={72} />}>
        {({ steps }) =>
          steps.map(({ title, text, code }) => (
            <div key={title}>
              <Group justify="space-between" mt="md" mb={4}>
                <Title order={3} size="h5">
                  {title}
                </Title>
                <CopyButton value={code}>
                  {({ copied, copy }) => (
                    <Button
                      size="compact-sm"
                      variant="default"
                      onClick={copy}
                      aria-label={`Copy: ${title}`}
                    >
                      {copied ? "Copied" : "Copy"}
                    </Button>
                  )}
                </CopyButton>
              </Group>
              <Text c="var(--text-2)" size="sm" mb={6}>
                {text}
              </Text>
              <Code block tabIndex={0}>
                {code}
              </Code>
            </div>
          ))
        }
      </Loaded>
    </Section>
  );
}
