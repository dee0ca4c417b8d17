import { useMutation } from "@tanstack/react-query";
import { useRef } from "react";
import { Intent } from "@/api/intent";

interface Options<Body, Answer> {
  /** `key` is the same for every attempt at the same body. */
  send: (body: Body, key: string) => Promise<Answer>;
  /** What follows, up to the page that it leads to: so long, the request is under way. */
  onSuccess?: (answer: Answer, body: Body) => unknown;
  onError?: (fault: Error, body: Body) => unknown;
}

/**
 * A request that changes something: one at a time. As long as one is under way, `sending` locks the
 * button, and further calls do nothing, even those of a second click before the button is locked.
 */
export function useRequest<Answer, Body = void>({
  send,
  onSuccess,
  onError,
}: Options<Body, Answer>) {
  const busy = useRef(false);
  const intent = useRef(new Intent());
  const mutation = useMutation<Answer, Error, Body>({
    mutationFn: (body) => send(body, intent.current.keyFor(body)),
    onSuccess: (answer, body) => {
      intent.current.done();
      return onSuccess?.(answer, body);
    },
    onError: (fault, body) => onError?.(fault, body),
  });
  return {
    send: (body: Body): void => {
      if (busy.current) return;
      busy.current = true;
      mutation
        .mutateAsync(body)
        .catch(() => undefined) // which `error` tells
        .finally(() => {
          busy.current = false;
        });
    },
    sending: mutation.isPending,
    answer: mutation.data,
    error: mutation.error,
    reset: mutation.reset,
  };
}
