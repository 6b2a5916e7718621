// The parts of a response's body: what the client gets, and the outputs. See docs/abi.md, section 13.

import type { OutputPart, Range, ResponseParts } from '../guest';

const KINDS = ['bytes', 'text', 'json'] as const;

/**
 * Reads the members `outputs` and `body` of a response head.
 *
 * @param names - the names of the outputs in the manifest
 * @throws Error if a member is wrong, or names an output that the manifest does not have
 */
export function readParts(head: Record<string, unknown>, names: readonly string[]): ResponseParts {
  const list = head.outputs ?? [];
  if (!Array.isArray(list)) throw new Error('the response head has outputs that are not a list');
  const outputs = list.map((value, index): OutputPart => {
    const { name, kind, offset, length } = (value ?? {}) as Record<string, unknown>;
    const known = KINDS.find((known) => known === kind);
    if (typeof name !== 'string' || known === undefined || !isRange(offset, length)) {
      throw new Error(
        `the response head's output ${index} must have a name, an offset, a length, and the kind bytes, text or json`,
      );
    }
    if (!names.includes(name)) {
      throw new Error(`the response head names the output "${name}", which the manifest does not have`);
    }
    return { name, kind: known, range: [Number(offset), Number(length)] };
  });
  return { outputs, body: bodyOf(head.body, outputs) };
}

/** Returns the part of the body for the client: the range in the head, or else everything before the first output. */
function bodyOf(body: unknown, outputs: readonly OutputPart[]): Range | undefined {
  if (body !== undefined) {
    const [offset, length] = Array.isArray(body) ? body : [];
    if (isRange(offset, length)) return [Number(offset), Number(length)];
    throw new Error('the response head has a body that is not [offset, length]');
  }
  const first = outputs.reduce((least, { range }) => Math.min(least, range[0]), Number.POSITIVE_INFINITY);
  return first === Number.POSITIVE_INFINITY ? undefined : [0, first];
}

function isRange(offset: unknown, length: unknown): boolean {
  return [offset, length].every((value) => Number.isSafeInteger(value) && Number(value) >= 0);
}

/** @throws Error if a part ends outside of the body */
export function checkParts({ outputs, body }: ResponseParts, bodyLength: number): void {
  for (const { name, range } of outputs) check(`the output "${name}"`, range, bodyLength);
  if (body) check('the body for the client', body, bodyLength);
}

function check(what: string, [offset, length]: Range, bodyLength: number): void {
  if (offset + length <= bodyLength) return;
  throw new Error(
    `${what}, ${length} bytes at ${offset}, ends outside of the response body of ${bodyLength} bytes`,
  );
}
