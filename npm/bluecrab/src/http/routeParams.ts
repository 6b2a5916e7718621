// Reads the route parameters from the path of a request's URL.
//
// With HTTP streaming, `params` of `@azure/functions` also holds query values and members of a JSON body. A client
// could set an optional route parameter that is not in its path.

import type { HttpRequest } from '@azure/functions';
import { escapeRegExp } from '../escapeRegExp';
import { hostSettings } from '../hostJson';

/** Returns the route parameters of a request, in the order of the route template. */
export type ParamsReader = (request: HttpRequest) => Record<string, string>;

interface Parameter {
  name: string;
  /** The value if the path has no value. */
  fallback: string | undefined;
  presence: 'required' | 'optional' | 'catch-all';
}

const DEFAULT_PREFIX = 'api';
const PARAMETER = /^(\*{0,2})([^:=?]+)(?::.*?(?:\(.*\))?)?(?:=([^)]*?))?(\?)?$/s;
const VALUE = '([^/]+)';

const readers = new Map<string, ParamsReader>();

/** Returns the reader for a route template of ASP.NET Core. The template does not contain the app's route prefix. */
export function paramsReader(route: string): ParamsReader {
  const known = readers.get(route) ?? newReader(route);
  readers.set(route, known);
  return known;
}

function newReader(route: string): ParamsReader {
  const segments = segmentsOf(route);
  const parameters = segments.flat().filter((part) => typeof part !== 'string');
  if (parameters.length === 0) return () => ({});
  const captured: string[] = [];
  const pattern = new RegExp(`^${segments.map((segment) => patternOf(segment, captured)).join('')}/?$`, 'is');
  return ({ url, params }) => {
    const values: [string, string][] = [];
    const match = pattern.exec(decodedPath(url));
    for (const { name, fallback, presence } of parameters) {
      // If the host matched the path by other rules than ours, take its values of the required parameters.
      const value = match ? capturedValue(name, captured, match) : presence === 'required' && params[name];
      const used = value || fallback;
      if (used !== undefined) values.push([name, used]);
    }
    // An assignment would lose a parameter whose name is `__proto__`.
    return Object.fromEntries(values);
  };
}

/** Returns how many segments of a path come before the first parameter of a route template, with the app's prefix. */
export function literalSegments(route: string): number {
  const first = segmentsOf(route).findIndex((parts) => parts.some((part) => typeof part !== 'string'));
  return first < 0 ? Number.POSITIVE_INFINITY : first;
}

/** Splits the template of a whole path. */
function segmentsOf(route: string): (string | Parameter)[][] {
  const prefix = hostSettings().get('extensions:http:routeprefix') ?? DEFAULT_PREFIX;
  return splitSegments(`${prefix}/${route}`).map(splitParts);
}

function capturedValue(
  name: string,
  captured: readonly string[],
  match: RegExpExecArray,
): string | undefined {
  return match.slice(1).find((value, index) => captured[index] === name && value);
}

/** Returns the path as ASP.NET Core matches it: percent-decoded, except for slashes within a segment. */
export function decodedPath(url: string): string {
  return new URL(url).pathname.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded.replace(/%(?=2f)/gi, '%25'));
    } catch {
      return encoded;
    }
  });
}

/** Splits a template at the slashes outside of braces. The regular expression of a constraint may contain slashes. */
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

/** Splits a segment into literals and parameters. */
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

/** Returns the pattern of a segment and the slash before it. Adds the names of its groups to `captured`. */
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
  // `{name}.{extension?}`: a path without the extension has no dot either.
  return `/(?:${all}|${partsPattern(segment.slice(0, -2), captured)})`;
}

/**
 * As in ASP.NET, a value begins after the last occurrence of the literal before it, so a value never contains this
 * literal. Otherwise the pattern might try many ways to match a path that a client has made for this purpose.
 */
function partsPattern(parts: readonly (string | Parameter)[], captured: string[]): string {
  const patterns = parts.map((part, index) => {
    if (typeof part === 'string') return escapeRegExp(part);
    captured.push(part.name);
    const before = parts[index - 1];
    if (index < 2 || typeof before !== 'string') return VALUE;
    return `((?:(?!${escapeRegExp(before)})[^/])*(?:${escapeRegExp(before)}|[^/]))`;
  });
  return patterns.join('');
}
