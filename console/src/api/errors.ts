import type { ErrorDetail, FieldError } from "./schema";

/** An answer that was no success, in the API's one shape. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: FieldError[];
  /** Of a stale update: what the document is now. */
  readonly current: Record<string, unknown> | null;

  constructor(status: number, detail: ErrorDetail) {
    super(detail.message);
    this.name = "ApiError";
    this.status = status;
    this.code = detail.code;
    this.fields = detail.fields ?? [];
    this.current = detail.current ?? null;
  }

  static of(status: number, body: unknown): ApiError {
    const detail = (body as { error?: ErrorDetail } | undefined)?.error;
    if (detail && typeof detail.message === "string") return new ApiError(status, detail);
    if (status === 403) {
      return new ApiError(status, {
        code: "no_access",
        message: "You may not use this deployment, or may not any more. An admin can let you in.",
        fields: [],
      });
    }
    return new ApiError(status, {
      code: "unreadable",
      message: `The server answered ${status}, in a form that the console does not know.`,
      fields: [],
    });
  }

  get stale(): boolean {
    return this.code === "stale";
  }
}

export function signedOut(): ApiError {
  return new ApiError(401, {
    code: "signed_out",
    message:
      "Your sign-in has expired. Sign in again and repeat this: nothing you entered is lost.",
    fields: [],
  });
}

export function unreachable(): ApiError {
  return new ApiError(0, {
    code: "unreachable",
    message: "The server is not responding. Is it running? Nothing you entered is lost.",
    fields: [],
  });
}

/** What to tell people about anything that was thrown. */
export function messageOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : "Something went wrong.";
}

/** The same where there are no fields that could show theirs: what is wrong with each. */
export function detailsOf(fault: unknown): string {
  const messages = Object.values(fieldErrors(fault));
  return messages.length ? messages.join(" ") : messageOf(fault);
}

/**
 * Messages by field. Paths are as in the API: `spec.buyer_model_features[0].column`; several
 * messages about one field are joined.
 */
export function fieldErrors(fault: unknown): Record<string, string> {
  const found: Record<string, string> = {};
  if (!(fault instanceof ApiError)) return found;
  for (const { path, message } of fault.fields) {
    found[path] = found[path] ? `${found[path]} ${message}` : message;
  }
  return found;
}

/** The messages of a field and of everything beneath it. */
export function errorsUnder(errors: Record<string, string>, path: string): string[] {
  return Object.entries(errors)
    .filter(([at]) => at === path || at.startsWith(`${path}.`) || at.startsWith(`${path}[`))
    .map(([, message]) => message);
}

/** What `shown` does not cover: messages that belong to no field on the page. */
export function otherErrors(errors: Record<string, string>, shown: string[]): string[] {
  const covered = new Set(shown.flatMap((path) => errorsUnder(errors, path)));
  return Object.values(errors).filter((message) => !covered.has(message));
}
