// The parameters of a route, read from the path of a request's URL.
//
// With HTTP streaming on, the `params` of `@azure/functions` hold query values and members of a JSON body beside the
// parameters of the route, so that a client could fill an optional parameter that its path does not have.

import type { HttpRequest } from '@azure/functions';
import { hostSettings } from '../hostJson';

/** Reads the parameters of one route's requests, in the order of the route. */
export type ParamsReader = (request: HttpRequest) => Record<string, string>;

interface Parameter {
  name: string;
  /** Its value where the path has none. */
  fallback: string | undefined;
  presence: 'required' | 'optional' | 'catch-all';
}

const DEFAULT_PREFIX = 'api';
const PARAMETER = /^(\*{0,2})([^:=?]+)(?::.*?(?:\(.*\))?)?(?:=([^)]*?))?(\?)?$/s;
const VALUE = '([^/]+)';

const readers = new Map<string, ParamsReader>();

/** The reader for a route template of ASP.NET, without the prefix of the app's routes. */
export function paramsReader(route: string): ParamsReader {
  const known = readers.get(route) ?? newReader(route);
  readers.set(route, known);
  return known;
}

function newReader(route: string): ParamsReader {
  const prefix = hostSettings().get('extensions:http:routeprefix') ?? DEFAULT_PREFIX;
  const segments = splitSegments(`${prefix}/${route}`).map(splitParts);
  const parameters = segments.flat().filter((part) => typeof part !== 'string');
  if (parameters.length === 0) return () => ({});
  const captured: string[] = [];
  const pattern = new RegExp(`^${segments.map((segment) => patternOf(segment, captured)).join('')}/?$`, 'is');
  return ({ url, params }) => {
    const values: Record<string, string> = {};
    const match = pattern.exec(decodedPath(url));
    for (const { name, fallback, presence } of parameters) {
      // Of a path that the host has matched in another way, it still has filled what must be there.
      const value = match ? capturedValue(name, captured, match) : presence === 'required' && params[name];
      const used = value || fallback;
      if (used !== undefined) values[name] = used;
    }
    return values;
  };
}

function capturedValue(
  name: string,
  captured: readonly string[],
  match: RegExpExecArray,
): string | undefined {
  return match.slice(1).find((value, index) => captured[index] === name && value);
}

/** A path as ASP.NET matches it: percent-decoded, but for the slashes within a segment. */
function decodedPath(url: string): string {
  return new URL(url).pathname.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded.replace(/%(?=2f)/gi, '%25'));
    } catch {
      return encoded;
    }
  });
}

/** Splits a template at slashes outside of braces, since the regular expression of a constraint may hold some. */
function splitSegments(template: string): string[] {
  const segments = [''];
  let depth = 0;
  for (const character of template) {
    if (character === '{') depth++;
    if (character === '}') depth--;
    if (character === '/' && depth === 0) segments.push('');
    else segments[segments.length - 1] += character;
  }
  return segments.filter((segment) => segment !== '');
}

/** The literals and parameters of a segment. */
function splitParts(segment: string): (string | Parameter)[] {
  const parts = segment.match(/\{(?:\{\{|\}\}|[^{}])*\}|[^{}]+/g) ?? [];
  return parts.map((part) => (part.startsWith('{') ? parameter(part.slice(1, -1)) : part));
}

function parameter(text: string): string | Parameter {
  const [, stars, name, fallback, optional] = PARAMETER.exec(text) ?? [];
  if (name === undefined) return text;
  const presence = stars ? 'catch-all' : optional || fallback !== undefined ? 'optional' : 'required';
  return { name, fallback, presence };
}

/** The pattern of a segment with the slash before it; the names of its groups are added to `captured`. */
function patternOf(segment: (string | Parameter)[], captured: string[]): string {
  const last = segment.at(-1);
  const [only] = segment;
  if (segment.length === 1 && only !== undefined && typeof only !== 'string') {
    captured.push(only.name);
    if (only.presence === 'catch-all') return '(?:/(.*))?';
    return only.presence === 'optional' ? `(?:/${VALUE})?` : `/${VALUE}`;
  }
  const all = partsPattern(segment, captured);
  if (last === undefined || typeof last === 'string' || last.presence === 'required') return `/${all}`;
  // `{name}.{extension?}`: without the extension the dot is missing too.
  return `/(?:${all}|${partsPattern(segment.slice(0, -2), captured)})`;
}

function partsPattern(parts: readonly (string | Parameter)[], captured: string[]): string {
  const patterns = parts.map((part) => {
    if (typeof part === 'string') return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    captured.push(part.name);
    return VALUE;
  });
  return patterns.join('');
}
