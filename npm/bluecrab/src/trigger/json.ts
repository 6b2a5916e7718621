// Parses JSON so that `JSON.stringify` writes every number as it was: `@azure/functions` stringifies the outputs of a
// function.

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

/** @throws SyntaxError if the text is not JSON */
export function parseExactly(text: string): unknown {
  return rawJSON && SPECIAL.test(text) ? JSON.parse(text, keepNumber) : JSON.parse(text);
}
