// Reads and writes JSON, for functions that are stricter or more exact than JavaScript.

type Reviver = (key: string, value: unknown, context?: { source?: string }) => unknown;

/** Node.js 20 has no `JSON.rawJSON`. There, numbers are rounded to what JavaScript can hold. */
const { rawJSON } = JSON as { rawJSON?: (text: string) => unknown };

/** What a number contains if JavaScript might write it in another way: many digits, a fraction, an exponent, or `-0`. */
const SPECIAL = /\d{16}|\d[.eE]|-0/;

const keepNumber: Reviver = (_key, value, context) => {
  const source = context?.source;
  return typeof value === 'number' && source !== undefined && source !== String(value)
    ? rawJSON?.(source)
    : value;
};

/**
 * Parses JSON so that `JSON.stringify` writes every number as it was: `@azure/functions` stringifies the outputs of a
 * function.
 *
 * @throws SyntaxError if the text is not JSON
 */
export function parseExactly(text: string): unknown {
  return rawJSON && SPECIAL.test(text) ? JSON.parse(text, keepNumber) : JSON.parse(text);
}

/** An escape. `JSON.stringify` escapes only lone surrogates. */
const ESCAPE = /\\(ud[89a-f]..|.)/g;

/**
 * Writes JSON in which each lone surrogate is U+FFFD, as in a text that becomes UTF-8. A text that is cut in the middle
 * of an emoji ends with a lone surrogate, and strict readers of JSON refuse it.
 *
 * @throws TypeError if JSON cannot express the value
 */
export function toJson(value: unknown): string {
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`JSON has no value of the type ${typeof value}`);
  if (!text.includes('\\ud')) return text;
  return text.replace(ESCAPE, (found) => (found.length > 2 ? '\\ufffd' : found));
}
