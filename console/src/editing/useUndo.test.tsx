import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test } from "vitest";
import { Dialog } from "@/ui/Dialog";
import { UndoButtons } from "./UndoButtons";
import { useUndo } from "./useUndo";

function Editing() {
  const { value, change, ...undoing } = useUndo("test", { columns: ["a", "b"], note: "" });
  const [asking, setAsking] = useState(false);
  return (
    <MantineProvider>
      <ul aria-label="Columns">{value.columns.join(" ")}</ul>
      <button type="button" onClick={() => change((now) => ({ ...now, columns: [] }))}>
        Remove all
      </button>
      <button type="button" onClick={() => setAsking(true)}>
        Set
      </button>
      <input
        aria-label="Note"
        value={value.note}
        onChange={(event) => {
          const note = event.currentTarget.value;
          change((now) => ({ ...now, note }));
        }}
      />
      <UndoButtons {...undoing} />
      {asking && (
        <Dialog onClose={() => setAsking(false)} title="Settings" transitionProps={{ duration: 0 }}>
          <button type="button" onClick={() => setAsking(false)}>
            Apply
          </button>
        </Dialog>
      )}
    </MantineProvider>
  );
}

const columns = () => screen.getByRole("list", { name: "Columns" });

test("Ctrl+Z takes a step back and Ctrl+Shift+Z takes it again, as their buttons do", async () => {
  render(<Editing />);
  const user = userEvent.setup();
  await user.click(screen.getByRole("button", { name: "Remove all" }));
  expect(columns()).toBeEmptyDOMElement();
  await user.keyboard("{Control>}z{/Control}");
  expect(columns()).toHaveTextContent("a b");
  await user.keyboard("{Control>}{Shift>}Z{/Shift}{/Control}");
  expect(columns()).toBeEmptyDOMElement();
  await user.click(screen.getByRole("button", { name: "Undo" }));
  expect(columns()).toHaveTextContent("a b");
  expect(screen.getByRole("button", { name: "Undo" })).toHaveAttribute("aria-disabled", "true");
  await user.click(screen.getByRole("button", { name: "Redo" }));
  expect(columns()).toBeEmptyDOMElement();
});

test("in a text the keys are the text's, and under a dialog nothing is taken back unseen", async () => {
  render(<Editing />);
  const user = userEvent.setup();
  await user.click(screen.getByRole("button", { name: "Remove all" }));
  await user.click(screen.getByLabelText("Note"));
  await user.keyboard("{Control>}z{/Control}");
  expect(columns()).toBeEmptyDOMElement();
  await user.click(screen.getByRole("button", { name: "Set" }));
  await screen.findByRole("dialog");
  await user.keyboard("{Control>}z{/Control}");
  expect(columns()).toBeEmptyDOMElement();
});

test("after a dialog that is gone once it closes, the focus is where it was", async () => {
  render(<Editing />);
  const user = userEvent.setup();
  const opener = screen.getByRole("button", { name: "Set" });
  await user.click(opener);
  await user.click(await screen.findByRole("button", { name: "Apply" }));
  await expect.poll(() => document.activeElement).toBe(opener);
});
