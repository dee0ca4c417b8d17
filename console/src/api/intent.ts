/**
 * What somebody means to do, however often it has to be sent: it keeps its idempotency key as long
 * as the same is sent, and until it has been done.
 */
export class Intent {
  private sent: string | null = null;
  private key = "";

  keyFor(body: unknown): string {
    const text = JSON.stringify(body ?? null);
    if (text !== this.sent) {
      this.sent = text;
      this.key = newKey();
    }
    return this.key;
  }

  done(): void {
    this.sent = null;
  }
}

/** 128 random bits; `crypto.randomUUID` is only there over HTTPS. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The header that makes a creation happen once. */
export function once(key: string | undefined): { "Idempotency-Key"?: string } {
  return key === undefined ? {} : { "Idempotency-Key": key };
}
