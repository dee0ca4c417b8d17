import type { Searched } from "@/api/schema";
import table from "@/ui/table.module.css";
import { Wide } from "@/ui/Wide";
import { called, keyOf, rangeWords } from "./words";

/** The search space, as it was fixed. */
export function Space({ space }: { space: Searched[] }) {
  return (
    <Wide label="Search space">
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Setting</th>
            <th scope="col">Searched</th>
          </tr>
        </thead>
        <tbody>
          {space.map((one) => (
            <tr key={keyOf(one)}>
              <th scope="row">{called(keyOf(one))}</th>
              <td>{rangeWords(one)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Wide>
  );
}
