import "@mantine/code-highlight/styles.css";
import {
  CodeHighlight,
  CodeHighlightAdapterProvider,
  createHighlightJsAdapter,
} from "@mantine/code-highlight";
import { Button, CopyButton, Group, SegmentedControl } from "@mantine/core";
import { IconCheck, IconCopy, IconDownload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import hljs from "highlight.js/lib/core";
import python from "highlight.js/lib/languages/python";
import { useState } from "react";
import { codeQuery } from "@/api/quickTests";
import type { QuickTest } from "@/api/schema";
import { download } from "@/ui/download";
import { Loaded } from "@/ui/Loaded";
import { Rows } from "@/ui/Rows";
import { Section } from "@/ui/Section";
import { Wide } from "@/ui/Wide";
import classes from "./GeneratedCode.module.css";

hljs.registerLanguage("python", python);
const adapter = createHighlightJsAdapter(hljs);

const MODULES = [
  { value: "preprocessing", label: "Transform", file: "preprocessing.py" },
  { value: "trainer", label: "Training", file: "trainer.py" },
] as const;

/** The two modules that the test ran, to read, copy and take along. */
export default function GeneratedCode({ test }: { test: QuickTest }) {
  const query = useQuery(codeQuery(test.id));
  const [chosen, setChosen] = useState<string>("preprocessing");
  const module = MODULES.find(({ value }) => value === chosen) ?? MODULES[0];
  return (
    <Section
      title="Generated code"
      lead="The code that ran, byte for byte. Both modules are self-contained: with TensorFlow, TFX and TFRS they run without Recsmith."
    >
      <Loaded query={query} skeleton={<Rows count={1} height={520} />}>
        {(code) => {
          const source =
            module.value === "preprocessing" ? code.preprocessing_code : code.trainer_code;
          return (
            <CodeHighlightAdapterProvider adapter={adapter}>
              <Group justify="space-between" mb="sm">
                <SegmentedControl
                  aria-label="Module"
                  data={MODULES.map(({ value, label }) => ({ value, label }))}
                  value={chosen}
                  onChange={setChosen}
                />
                <Group gap="xs">
                  <CopyButton value={source}>
                    {({ copied, copy }) => (
                      <Button
                        variant="default"
                        leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
                        onClick={copy}
                      >
                        {copied ? "Copied" : "Copy"}
                      </Button>
                    )}
                  </CopyButton>
                  <Button
                    variant="default"
                    leftSection={<IconDownload size={16} />}
                    onClick={() => download(module.file, source, "text/x-python")}
                  >
                    Download {module.file}
                  </Button>
                </Group>
              </Group>
              <Wide label={`Source of ${module.file}`} tall>
                <CodeHighlight
                  code={source}
                  language="python"
                  className={classes.code}
                  withCopyButton={false}
                />
              </Wide>
              <p className={classes.hash}>
                SHA-256 <code>{code[module.value].sha256}</code>
              </p>
            </CodeHighlightAdapterProvider>
          );
        }}
      </Loaded>
    </Section>
  );
}
