import { expect, test } from "vitest";
import { amended, begun, redone, stepped, undone } from "./history";

const one = { name: "", columns: [{ column: "a", dim: 8 }], on: false };

test("what was removed comes back, and goes again", () => {
  const removed = { ...one, columns: [] };
  const after = stepped(begun(one), removed);
  expect(undone(after).now).toBe(one);
  expect(redone(undone(after)).now).toBe(removed);
});

test("typing into one field is one step; another field is another", () => {
  let history = begun(one);
  for (const name of ["d", "dr", "dra"]) history = stepped(history, { ...history.now, name });
  for (const dim of [1, 16]) {
    history = stepped(history, { ...history.now, columns: [{ column: "a", dim }] });
  }
  expect(undone(history).now).toMatchObject({ name: "dra", columns: one.columns });
  expect(undone(undone(history)).now).toBe(one);
});

test("after a step back, typing into the same field is a step of its own", () => {
  const typed = stepped(begun(one), { ...one, name: "a" });
  const again = stepped(redone(undone(typed)), { ...one, name: "ab" });
  expect(undone(again).now).toMatchObject({ name: "a" });
});

test("a new step forgets what was taken back", () => {
  const back = undone(stepped(begun(one), { ...one, on: true }));
  const other = stepped(back, { ...one, columns: [] });
  expect(redone(other)).toBe(other);
});

test("switching on and off again are two steps", () => {
  const twice = stepped(stepped(begun(one), { ...one, on: true }), one);
  expect(undone(twice).now).toMatchObject({ on: true });
});

test("what the system adds is no step, and keeps what was taken back", () => {
  const back = undone(stepped(begun(one), { ...one, on: true }));
  const added = amended(back, { ...one, columns: [] });
  expect(added.past).toHaveLength(0);
  expect(redone(added).now).toMatchObject({ on: true });
});

test("nothing changed is no step, and an empty history stays", () => {
  const history = begun(one);
  expect(stepped(history, { ...one }).past).toHaveLength(0);
  expect(undone(history)).toBe(history);
  expect(redone(history)).toBe(history);
});
