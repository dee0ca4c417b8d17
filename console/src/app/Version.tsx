import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import classes from "./Version.module.css";

/** The version of the server, whose console this is. */
export function Version() {
  const { data: version } = useQuery({
    queryKey: ["version"],
    queryFn: async ({ signal }) => (await answer(api.GET("/api/health/", { signal }))).version,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (!version) return null;
  return (
    <span className={classes.version} title={`Recsmith ${version}`}>
      {version}
    </span>
  );
}
