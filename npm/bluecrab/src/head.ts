// The request head: only what the manifest asks for. See docs/abi.md, section 3.

import type { HttpRequest } from '@azure/functions';

/** Gives a request's head as JSON. */
export type HeadReader = (request: HttpRequest) => string;

const HEADER = 'header:';

/** Reads the heads of one function's requests; they are empty where its manifest asks for nothing. */
export function headReader(wanted: readonly string[], route?: string): HeadReader {
  if (wanted.length === 0) return () => '';
  const all: Record<string, (request: HttpRequest) => unknown> = {
    method: ({ method }) => method,
    url: ({ url }) => url,
    params: paramsReader(route),
    query: ({ url }) => query(url),
    headers: ({ headers }) => [...headers],
  };
  const members = Object.entries(all).filter(([name]) => wanted.includes(name));
  const named = wanted.includes('headers') ? [] : wanted.filter((member) => member.startsWith(HEADER));
  const names = named.map((member) => member.slice(HEADER.length).toLowerCase());
  return (request) => {
    const head: Record<string, unknown> = {};
    for (const [name, read] of members) head[name] = read(request);
    const found = fields(request, names);
    if (found.length > 0) head.headers = found;
    return JSON.stringify(head);
  };
}

/** The names and values of a URL's query; most have none, and to take a URL apart is not cheap. */
function query(url: string): [string, string][] {
  return url.includes('?') ? [...new URL(url).searchParams] : [];
}

/** The header fields of these names that the request has. */
function fields({ headers }: HttpRequest, names: readonly string[]): [string, string][] {
  const found: [string, string][] = [];
  for (const name of names) {
    const value = headers.get(name);
    if (value !== null) found.push([name, value]);
  }
  return found;
}

/**
 * The route's parameters, in the order of the route.
 *
 * With HTTP streaming on, the library's `params` hold query values and members of a JSON body too: where the route is
 * not known, at least those of the query are left out.
 */
function paramsReader(route = ''): (request: HttpRequest) => Record<string, string> {
  const declared = [...route.matchAll(/\{\*{0,2}([\w-]+)/g)].map(([, name]) => name ?? '');
  return ({ params, query }) => {
    const names = declared.length > 0 ? declared : Object.keys(params).filter((name) => !query.has(name));
    return Object.fromEntries(
      names.filter((name) => name in params).map((name) => [name, params[name] ?? '']),
    );
  };
}
