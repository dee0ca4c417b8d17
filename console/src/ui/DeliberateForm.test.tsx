import { MantineProvider, MultiSelect, NumberInput, TagsInput, TextInput } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { DeliberateForm } from "./DeliberateForm";

test("Enter submits from no field, and still does what it does there", async () => {
  const submit = vi.fn();
  const tags = vi.fn();
  render(
    <MantineProvider>
      <DeliberateForm onSubmit={submit}>
        <TagsInput label="Tags" onChange={tags} />
        <MultiSelect label="Several" data={["a", "b"]} searchable />
        <NumberInput label="Number" />
        <TextInput label="Name" />
        <input type="checkbox" aria-label="Box" />
        <button type="submit">Start</button>
      </DeliberateForm>
    </MantineProvider>,
  );
  const user = userEvent.setup({ delay: null });
  for (const field of screen.getAllByRole("textbox")) await user.type(field, "{Enter}");
  for (const field of screen.getAllByRole("combobox")) await user.type(field, "{Enter}");
  screen.getByRole("checkbox").focus();
  await user.keyboard("{Enter}");
  expect(submit).not.toHaveBeenCalled();
  await user.type(screen.getByLabelText("Tags", { selector: "input" }), "one{Enter}{Enter}");
  expect(tags).toHaveBeenLastCalledWith(["one"]);
  expect(submit).not.toHaveBeenCalled();
  screen.getByRole("button", { name: "Start" }).focus();
  await user.keyboard("{Enter}");
  expect(submit).toHaveBeenCalledOnce();
}, 30_000);
