import type { RegisteredModel } from "@/api/schema";
import { moment, NONE } from "@/ui/format";
import { StatusBadge } from "@/ui/StatusBadge";
import table from "@/ui/table.module.css";
import { Wide } from "@/ui/Wide";
import { standing } from "./words";

/** Who brought which version into production, when, and why. */
export function Audit({ lines }: { lines: RegisteredModel["status"]["audit"] }) {
  return (
    <Wide label="Promotions of the model">
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">By</th>
            <th scope="col">Versions</th>
            <th scope="col">Verdict</th>
            <th scope="col">Reason</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => {
            const { tone, label } = standing(line.verdict);
            return (
              <tr key={`${line.at} ${line.to_version}`}>
                <th scope="row">{moment(line.at)}</th>
                <td>{line.by ?? NONE}</td>
                <td>
                  {line.from_version ?? NONE} → {line.to_version}
                </td>
                <td title={line.verdict.sentence}>
                  <StatusBadge tone={tone}>{label}</StatusBadge>
                </td>
                <td>{line.reason ?? NONE}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Wide>
  );
}
