import { useEffect } from "react";
import { useLocation, useNavigate } from "react-router";

/** For a link to an editor, which then opens with this spec as a draft: `<Link {...asDraft(spec)}>`. */
export function asDraft(spec: unknown) {
  return { state: { fixed: spec } };
}

/** Takes the spec that a link brought, once: loaded again, the page goes on with its own draft. */
export function useFixed<Spec>(take: (spec: Spec) => void): void {
  const { state, search } = useLocation();
  const navigate = useNavigate();
  const fixed = (state as { fixed?: Spec } | null)?.fixed;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each spec
  useEffect(() => {
    if (!fixed) return;
    take(fixed);
    void navigate({ search }, { replace: true, state: null, preventScrollReset: true });
  }, [fixed]);
}
