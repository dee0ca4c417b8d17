import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { codeQuery } from "@/api/quickTests";
import type { QuickTest } from "@/api/schema";
import GeneratedCode from "./GeneratedCode";

const EVIL = `# <img src=x onerror="alert(1)"> </code></pre><script>alert(2)</script>
NAME = "<svg onload=alert(3)>"`;

test("names in generated code stay text when it is highlighted", async () => {
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  client.setQueryData(codeQuery("t").queryKey, {
    preprocessing_code: EVIL,
    trainer_code: EVIL,
    preprocessing: { uri: "", sha256: "0" },
    trainer: { uri: "", sha256: "0" },
  } as never);
  render(
    <MantineProvider>
      <QueryClientProvider client={client}>
        <GeneratedCode test={{ id: "t" } as QuickTest} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  const source = await screen.findByRole("region", { name: /^Source of/ });
  expect(source.querySelector(".hljs-comment, .hljs-string")).not.toBeNull();
  expect(source.textContent).toContain("<svg onload=alert(3)>");
  expect(source.textContent).toContain("<script>alert(2)</script>");
  expect(source.querySelectorAll("img, script, [onload], [onerror]")).toHaveLength(0);
});
