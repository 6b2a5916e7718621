// Writes the request head, with the members that the manifest names. See docs/abi.md, section 3.

import type { HttpRequest, InvocationContext } from '@azure/functions';
import { memberReaders } from '../trigger/invocationHead';
import { toJson } from '../trigger/json';
import type { Layout } from '../trigger/payload';
import { paramsReader } from './routeParams';

/**
 * Returns the head of a request as JSON.
 *
 * @param layout - where the inputs are in the body, if the function has inputs
 */
export type HeadReader = (
  request: HttpRequest,
  context: InvocationContext,
  layout: Layout | undefined,
) => string;

const HEADER = 'header:';

/** What a head is made of: a member, or one header field of the member `headers`. */
interface Part {
  member: string;
  field?: string;
  /** Returns the value, or `null` if the request does not have the header field. */
  read(request: HttpRequest, context: InvocationContext): unknown;
}

/**
 * Returns the reader for a function's requests. The head is empty if it has no members.
 *
 * Most requests have the same values as the request before, so that head is kept as text.
 *
 * @param routeOf - returns the function's route template
 */
export function headReader(
  wanted: readonly string[],
  routeOf: (context: InvocationContext) => string,
): HeadReader {
  if (wanted.length === 0) return (_request, _context, layout) => (layout ? toJson(layout) : '');
  const parts = partsOf(wanted, routeOf);
  let last: { values: unknown[]; text: string } | undefined;
  return (request, context, layout) => {
    const values = parts.map(({ read }) => read(request, context));
    if (layout) return toJson({ ...headOf(parts, values), ...layout });
    if (last === undefined || !values.every((value, index) => value === last?.values[index])) {
      last = { values, text: toJson(headOf(parts, values)) };
    }
    return last.text;
  };
}

function partsOf(wanted: readonly string[], routeOf: (context: InvocationContext) => string): Part[] {
  const all: Part[] = [
    { member: 'method', read: ({ method }) => method },
    { member: 'url', read: ({ url }) => url },
    { member: 'params', read: (request, context) => paramsReader(routeOf(context))(request) },
    { member: 'query', read: query },
    { member: 'headers', read: ({ headers }) => [...headers] },
  ];
  const named = wanted.includes('headers') ? [] : wanted.filter((member) => member.startsWith(HEADER));
  const fields = named.map((member): Part => {
    const field = member.slice(HEADER.length).toLowerCase();
    return { member: 'headers', field, read: ({ headers }) => headers.get(field) };
  });
  const invocation = memberReaders(wanted).map(([member, read]): Part => {
    return { member, read: (_request, context) => read(context) };
  });
  return [...all.filter(({ member }) => wanted.includes(member)), ...fields, ...invocation];
}

function headOf(parts: readonly Part[], values: readonly unknown[]): Record<string, unknown> {
  const head: Record<string, unknown> = {};
  const fields: [string, unknown][] = [];
  for (const [index, { member, field }] of parts.entries()) {
    const value = values[index];
    if (field === undefined) head[member] = value;
    else if (value !== null) {
      fields.push([field, value]);
      head[member] = fields;
    }
  }
  return head;
}

const NO_PAIRS: [string, string][] = [];

/**
 * Returns the query parameters of a request. They are read from its URL, because `query` of `@azure/functions` may have
 * only one value of each name. But to parse the URL is slow, and most requests have no query.
 */
function query(request: HttpRequest): [string, string][] {
  return request.query.size > 0 ? [...new URL(request.url).searchParams] : NO_PAIRS;
}
