// The environment variables that tell a program about its request (RFC 3875, section 4.1).

import type { HttpRequest } from '@azure/functions';
import { entriesOf } from '../program/variables';
import { decodedPath, literalSegments } from './routeParams';

/** Header fields that have variables of their own, or that a program gets only if it asks for them. */
const WITHHELD = new Set([
  'content-type',
  'content-length',
  // With HTTP streaming, this field names the worker. HTTP_HOST is made from the request's URL, which names the host.
  'host',
  // Many HTTP clients take HTTP_PROXY for their proxy.
  'proxy',
  'authorization',
  'proxy-authorization',
]);

/** The names that become variables. A name with `_` would get the same variable as a name with `-`. */
const NAME = /^[a-z0-9-]+$/;

/**
 * Returns what writes the variables of a request.
 *
 * @param route - the function's route template. What follows its literal start is the `PATH_INFO`.
 * @param passesCredentials - whether the program gets the field `Authorization`
 */
export function cgiVariablesWriter(
  route: string,
  passesCredentials: boolean,
): (request: HttpRequest) => string[] {
  const segments = literalSegments(route);
  return (request) => {
    const url = new URL(request.url);
    const [script, info] = splitPath(decodedPath(request.url), segments);
    const type = request.headers.get('content-type');
    const variables: Record<string, string> = {
      GATEWAY_INTERFACE: 'CGI/1.1',
      SERVER_SOFTWARE: 'bluecrab',
      SERVER_PROTOCOL: 'HTTP/1.1',
      SERVER_NAME: url.hostname,
      SERVER_PORT: url.port || (url.protocol === 'https:' ? '443' : '80'),
      ...(url.protocol === 'https:' && { HTTPS: 'on' }),
      REQUEST_METHOD: request.method,
      REQUEST_URI: url.pathname + url.search,
      SCRIPT_NAME: script,
      PATH_INFO: info,
      QUERY_STRING: url.search.slice(1),
      REMOTE_ADDR: clientAddress(request.headers.get('x-forwarded-for') ?? ''),
      ...(type !== null && { CONTENT_TYPE: type }),
      HTTP_HOST: url.host,
    };
    for (const [name, value] of request.headers) {
      const isPassed = !WITHHELD.has(name) || (passesCredentials && name === 'authorization');
      if (isPassed && NAME.test(name)) variables[`HTTP_${name.toUpperCase().replaceAll('-', '_')}`] = value;
    }
    return entriesOf(variables);
  };
}

/** Splits a path after a number of segments. */
function splitPath(path: string, segments: number): [string, string] {
  let at = 0;
  for (let count = 0; count < segments && at >= 0; count++) at = path.indexOf('/', at + 1);
  return at < 0 ? [path, ''] : [path.slice(0, at), path.slice(at)];
}

/** Returns the address that the platform's front end has added to the field, without its port. */
function clientAddress(forwardedFor: string): string {
  const last = forwardedFor.split(',').at(-1)?.trim() ?? '';
  const [, bracketed] = /^\[([^\]]*)\]/.exec(last) ?? [];
  if (bracketed !== undefined) return bracketed;
  return last.replace(/^([^:]*):\d+$/, '$1');
}
