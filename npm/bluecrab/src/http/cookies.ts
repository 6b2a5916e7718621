// Several set-cookie fields of one response, of which @azure/functions keeps only the last.

import type { ServerResponse } from 'node:http';
import type { Cookie } from '@azure/functions';
import type { Log } from '../log';
import type { Headers } from '../module/responseHead';

const SET_COOKIE = 'set-cookie';

const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
const DOMAIN = /^\.?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;
const PATH = /^[\u0020-\u003a\u003d-\u007e]+$/;
const SAME_SITE = ['Strict', 'Lax', 'None'] as const;

/** A cookie that the messages of the gRPC path cannot carry. */
class CannotBeSent extends Error {}

/**
 * The header fields and cookies with which all `set-cookie` fields of a response reach the client.
 *
 * `@azure/functions` sends only the last such field. A single one stays as the guest wrote it; so do several where the
 * HTTP response is known. Otherwise they have to become cookies of the library, which cannot express all of them: those
 * are named in the log and left out, since a changed cookie would be another one.
 */
export function sendableCookies(
  headers: Headers,
  response: ServerResponse | undefined,
  log: Log,
): { headers: Headers; cookies: Cookie[] } {
  const isCookie = ([name]: [string, string]) => name.toLowerCase() === SET_COOKIE;
  const fields = headers.filter(isCookie);
  if (fields.length < 2) return { headers, cookies: [] };
  if (response) {
    appendCookies(response);
    return { headers, cookies: [] };
  }
  const cookies = fields.flatMap(([, value]) => {
    try {
      return [parseCookie(value)];
    } catch (error) {
      if (!(error instanceof CannotBeSent)) throw error;
      log('warning', `${error.message}, so it is not sent; HTTP streaming sends every cookie`);
      return [];
    }
  });
  return { headers: headers.filter((header) => !isCookie(header)), cookies };
}

/** Has a response keep each `set-cookie` field that is set, instead of the last one. */
function appendCookies(response: ServerResponse): void {
  const { setHeader } = response;
  response.setHeader = (name, value) => {
    const isNext = name.toLowerCase() === SET_COOKIE && response.hasHeader(name);
    return isNext && typeof value !== 'number'
      ? response.appendHeader(name, value)
      : setHeader.call(response, name, value);
  };
}

function parseCookie(field: string): Cookie {
  const [pair = '', ...attributes] = field.split(';').map((part) => part.trim());
  const [name, value] = cut(pair);
  if (value === undefined) throw new CannotBeSent('one of several set-cookie fields has no NAME=VALUE');
  if (!NAME.test(name)) throw new CannotBeSent(`the cookie ${name}, one of several, has no valid name`);
  const cookie: Cookie = { name, value: decodeValue(name, value) };
  for (const attribute of attributes) if (attribute !== '') addAttribute(cookie, attribute);
  return cookie;
}

function addAttribute(cookie: Cookie, attribute: string): void {
  const [name, value = ''] = cut(attribute);
  const known = name.toLowerCase();
  if (known === 'secure') cookie.secure = true;
  else if (known === 'httponly') cookie.httpOnly = true;
  else if (known === 'domain' && DOMAIN.test(value)) cookie.domain = value;
  else if (known === 'path' && PATH.test(value)) cookie.path = value;
  else if (known === 'max-age' && /^-?\d{1,15}$/.test(value)) cookie.maxAge = Number(value);
  else if (known === 'expires' && !Number.isNaN(Date.parse(value))) cookie.expires = new Date(value);
  else if (known === 'samesite') cookie.sameSite = sameSite(cookie.name, value);
  else
    throw new CannotBeSent(
      `the cookie ${cookie.name}, one of several, has the attribute ${name}, which @azure/functions cannot send`,
    );
}

function sameSite(cookie: string, value: string): (typeof SAME_SITE)[number] {
  const found = SAME_SITE.find((known) => known.toLowerCase() === value.toLowerCase());
  if (found === undefined)
    throw new CannotBeSent(`the cookie ${cookie}, one of several, has an unknown SameSite`);
  return found;
}

/** The value whose percent-encoding, which the platform's host applies, is the one that the guest gave. */
function decodeValue(name: string, value: string): string {
  let decoded: string | undefined;
  try {
    decoded = decodeURIComponent(value);
  } catch {
    // No percent-encoding: refused below.
  }
  if (decoded !== undefined && percentEncoded(decoded) === value) return decoded;
  throw new CannotBeSent(
    `the cookie ${name}, one of several, has a value that is not percent-encoded, which the host would change`,
  );
}

/** As RFC 3986 has it: all but letters, digits and `-._~`. */
function percentEncoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function cut(text: string): [string, string | undefined] {
  const at = text.indexOf('=');
  return at < 0 ? [text, undefined] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}
