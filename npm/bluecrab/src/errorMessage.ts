/** The text to which `String` converts an exception that a module has thrown. */
const EXCEPTION = '[object WebAssembly.Exception]';

/** Returns the message of a caught error, which may be any value. */
export function errorMessage(error: unknown): string {
  if (error instanceof Error) return error.message;
  const text = String(error);
  return text === EXCEPTION ? 'the module threw an exception that it does not catch' : text;
}
