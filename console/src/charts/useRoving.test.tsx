import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { along, inGrid, useRoving } from "./useRoving";

const KEYS = ["a", "b", "c"];

function Chart({ open }: { open: (key: string) => void }) {
  const { props, told } = useRoving<HTMLUListElement>(
    KEYS,
    (key, arrow) => (arrow === "up" ? undefined : along(KEYS, key, arrow === "right" ? 1 : -1)),
    open,
  );
  return (
    <>
      <ul {...props}>
        {KEYS.map((key) => (
          <li key={key} data-mark={key} tabIndex={-1}>
            {key}
          </li>
        ))}
      </ul>
      <output>{told}</output>
      <button type="button">after</button>
    </>
  );
}

test("a chart is one tab stop, in which arrow keys move, Enter opens and Escape leaves", async () => {
  const open = vi.fn();
  render(<Chart open={open} />);
  const user = userEvent.setup();
  await user.tab();
  expect(screen.getByText("a", { selector: "li" })).toHaveFocus();
  await user.keyboard("{ArrowRight}{ArrowRight}{ArrowRight}");
  expect(screen.getByText("c", { selector: "li" })).toHaveFocus();
  expect(screen.getByRole("status")).toHaveTextContent("c");
  await user.keyboard("{Home}{ArrowRight}{ArrowUp}{Enter}");
  expect(open.mock.calls).toEqual([["b"]]);
  await user.tab();
  expect(screen.getByRole("button")).toHaveFocus();
  await user.tab({ shift: true });
  expect(screen.getByText("b", { selector: "li" })).toHaveFocus(); // where it was left
  await user.keyboard("{Escape}");
  expect(document.body).toHaveFocus();
  expect(screen.getByRole("status")).toBeEmptyDOMElement();
});

test("in a table with gaps, arrows lead to the nearest mark of the next row that has one", () => {
  const rows = [
    ["a", null, "c"],
    [null, null, null],
    [null, "h", null],
  ];
  expect(inGrid(rows, "a", "right")).toBe("c");
  expect(inGrid(rows, "c", "right")).toBe("c");
  expect(inGrid(rows, "c", "down")).toBe("h");
  expect(inGrid(rows, "h", "up")).toBe("a");
  expect(inGrid(rows, "h", "down")).toBe("h");
});
