// The request head: only what the manifest asks for. See docs/abi.md, section 3.

import type { HttpRequest } from '@azure/functions';

/** The head as JSON; empty where the manifest asks for nothing. */
export function requestHead(request: HttpRequest, wanted: readonly string[], route?: string): string {
  if (wanted.length === 0) return '';
  const head: Record<string, unknown> = {};
  const named: [string, string][] = [];
  for (const member of wanted) {
    if (member === 'method') head.method = request.method;
    else if (member === 'url') head.url = request.url;
    else if (member === 'params') head.params = routeParams(request, route);
    else if (member === 'query') head.query = query(request.url);
    else if (member === 'headers') head.headers = [...request.headers];
    else if (member.startsWith('header:')) {
      const name = member.slice('header:'.length).toLowerCase();
      const value = request.headers.get(name);
      if (value !== null) named.push([name, value]);
    }
  }
  if (named.length > 0) head.headers ??= named;
  return JSON.stringify(head);
}

/** The names and values of a URL's query; most have none, and to take a URL apart is not cheap. */
function query(url: string): [string, string][] {
  return url.includes('?') ? [...new URL(url).searchParams] : [];
}

/**
 * The route's parameters, in the order of the route.
 *
 * With HTTP streaming on, the library's `params` hold query values and members of a JSON body too: where the route is
 * not known, at least those of the query are left out.
 */
function routeParams(request: HttpRequest, route: string | undefined): Record<string, string> {
  const declared = [...(route ?? '').matchAll(/\{\*{0,2}([\w-]+)/g)].map(([, name]) => name ?? '');
  const query = request.query;
  const names =
    declared.length > 0 ? declared : Object.keys(request.params).filter((name) => !query.has(name));
  return Object.fromEntries(
    names.filter((name) => name in request.params).map((name) => [name, request.params[name] ?? '']),
  );
}
