import { expect, test } from "vitest";
import { ApiError } from "./errors";
import { isLong, PAGE, readAgain, withOne } from "./longLists";
import type { AnyDocument } from "./resource";

function document(number: number, at = "2026-01-01", state = "completed"): AnyDocument {
  const id = `qt-${number}`;
  return { id, name: id, updated_at: at, status: { state } } as unknown as AnyDocument;
}

const settled = ({ status }: AnyDocument) =>
  (status as unknown as { state: string }).state === "completed";

function server(all: AnyDocument[], gone: string[] = []) {
  const asked: string[] = [];
  return {
    asked,
    page: (token: string | undefined) => {
      asked.push(`page ${token ?? ""}`);
      const start = Number(token ?? 0);
      const next = start + PAGE;
      return Promise.resolve({
        items: all.slice(start, next),
        next_page_token: next < all.length ? String(next) : null,
      });
    },
    get: (id: string) => {
      asked.push(id);
      const found = all.find((one) => one.id === id);
      return found && !gone.includes(id)
        ? Promise.resolve(found)
        : Promise.reject(new ApiError(404, { code: "not_found", message: "Gone.", fields: [] }));
    },
  };
}

const MANY = Array.from({ length: 1000 }, (_, number) => document(1000 - number));

test("of a long list, only the first page is read where little has changed", async () => {
  const now = [document(1001, "2026-01-02"), document(3, "2026-01-02"), ...MANY];
  const all = now.filter(({ id }, place) => id !== "qt-3" || place === 1);
  const api = server(all);
  expect(await readAgain(api, MANY, settled)).toEqual(all);
  expect(api.asked).toEqual(["page "]);
});

test("pages are read until one has what was known", async () => {
  const fresh = Array.from({ length: 450 }, (_, number) => document(2000 - number, "2026-01-02"));
  const api = server([...fresh, ...MANY]);
  expect(await readAgain(api, MANY, settled)).toEqual([...fresh, ...MANY]);
  expect(api.asked).toEqual(["page ", "page 200", "page 400"]);
});

test("what had not come to rest is read one by one, and may be gone", async () => {
  const known = MANY.map((one) =>
    ["qt-5", "qt-6"].includes(one.id)
      ? document(Number(one.id.slice(3)), "2026-01-01", "running")
      : one,
  );
  const api = server(MANY, ["qt-6"]);
  expect(await readAgain(api, known, settled)).toEqual(MANY.filter(({ id }) => id !== "qt-6"));
  expect(api.asked).toEqual(["page ", "qt-6", "qt-5"]);
});

test("a document takes its place, or the first where it was edited", () => {
  const list = MANY.slice(0, 3);
  const [one, two, three] = list as [AnyDocument, AnyDocument, AnyDocument];
  const moved = { ...two, updated_at: "2026-01-03" };
  expect(withOne(list, { ...two, name: "Two" })).toEqual([one, { ...two, name: "Two" }, three]);
  expect(withOne(list, moved)).toEqual([moved, one, three]);
  expect(withOne(list, document(7))).toEqual([document(7), one, two, three]);
  expect([isLong(MANY), isLong(list)]).toEqual([true, false]);
});
