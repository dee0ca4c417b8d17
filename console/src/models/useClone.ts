import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { modelConfigs } from "@/api/modelConfigs";
import type { ModelConfig } from "@/api/schema";
import { useRequest } from "@/editing/useRequest";
import { failed, succeeded } from "@/ui/toast";

/** Clones a model config and opens the copy, to be named and changed. */
export function useClone() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const request = useRequest({
    send: (model: ModelConfig, key) =>
      modelConfigs.clone?.(model.id, key) ?? Promise.reject(new Error("It cannot be cloned.")),
    onSuccess: (copy, model) => {
      client.setQueryData(modelConfigs.query(copy.id).queryKey, copy);
      void client.invalidateQueries({ queryKey: modelConfigs.listQuery.queryKey });
      succeeded(`“${copy.name}” is a copy of “${model.name}”.`);
      return navigate(`${modelConfigs.path(copy.id)}/edit`);
    },
    onError: (fault, model) => failed(`“${model.name}” was not cloned.`, fault),
  });
  return { clone: request.send, cloning: request.sending };
}
