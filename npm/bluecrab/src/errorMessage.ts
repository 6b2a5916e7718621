/** Returns the message of a caught error, which may be any value. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
