// Writes the request head, with the members that the manifest names. See docs/abi.md, section 3.

import type { HttpRequest, InvocationContext } from '@azure/functions';
import { memberReaders } from '../trigger/invocationHead';
import type { Layout } from '../trigger/payload';
import { paramsReader } from './routeParams';

/**
 * Returns the head of a request as JSON.
 *
 * @param route - the function's route template
 * @param layout - where the inputs are in the body, if the function has inputs
 */
export type HeadReader = (
  request: HttpRequest,
  route: string,
  context: InvocationContext,
  layout: Layout | undefined,
) => string;

const HEADER = 'header:';

/** Returns the reader for a function's requests. The head is empty if it has no members. */
export function headReader(wanted: readonly string[]): HeadReader {
  if (wanted.length === 0)
    return (_request, _route, _context, layout) => (layout ? JSON.stringify(layout) : '');
  const all: Record<string, (request: HttpRequest, route: string) => unknown> = {
    method: ({ method }) => method,
    url: ({ url }) => url,
    params: (request, route) => paramsReader(route)(request),
    query: ({ url }) => query(url),
    headers: ({ headers }) => [...headers],
  };
  const members = Object.entries(all).filter(([name]) => wanted.includes(name));
  const named = wanted.includes('headers') ? [] : wanted.filter((member) => member.startsWith(HEADER));
  const names = named.map((member) => member.slice(HEADER.length).toLowerCase());
  const invocation = memberReaders(wanted);
  return (request, route, context, layout) => {
    const head: Record<string, unknown> = {};
    for (const [name, read] of members) head[name] = read(request, route);
    const found = fields(request, names);
    if (found.length > 0) head.headers = found;
    for (const [name, read] of invocation) head[name] = read(context);
    return JSON.stringify(layout ? { ...head, ...layout } : head);
  };
}

/** Returns the query parameters of a URL. It parses the URL, which is slow, only if there is a query. */
function query(url: string): [string, string][] {
  return url.includes('?') ? [...new URL(url).searchParams] : [];
}

/** Returns the request's header fields with these names. */
function fields({ headers }: HttpRequest, names: readonly string[]): [string, string][] {
  const found: [string, string][] = [];
  for (const name of names) {
    const value = headers.get(name);
    if (value !== null) found.push([name, value]);
  }
  return found;
}
