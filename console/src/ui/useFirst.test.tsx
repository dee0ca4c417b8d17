import { MantineProvider } from "@mantine/core";
import { fireEvent, render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { useFirst } from "./useFirst";

function List({ items }: { items: number[] }) {
  const [first, showMore] = useFirst(items);
  return (
    <MantineProvider>
      <p>{first.length}</p>
      {showMore}
    </MantineProvider>
  );
}

test("of many, some are drawn, and more when they are asked for", () => {
  render(<List items={Array.from({ length: 120 }, (_, place) => place)} />);
  for (const drawn of [50, 100]) {
    expect(screen.getByText(drawn)).toBeVisible();
    fireEvent.click(screen.getByText("Show more"));
  }
  expect(screen.getByText(120)).toBeVisible();
  expect(screen.queryByText("Show more")).toBeNull();
});
