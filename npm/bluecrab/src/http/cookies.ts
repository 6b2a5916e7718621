// Sends all set-cookie fields of a response: `@azure/functions` alone would send only the last.

import type { ServerResponse } from 'node:http';
import type { Cookie } from '@azure/functions';
import { type Headers, TOKEN } from '../guest';
import type { Log } from '../log';

const SET_COOKIE = 'set-cookie';

const DOMAIN = /^\.?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;
const PATH = /^[\u0020-\u003a\u003d-\u007e]+$/;
const SAME_SITE = ['Strict', 'Lax', 'None'] as const;

/** A cookie has a form that the gRPC messages of the platform cannot carry. */
class CannotBeSent extends Error {}

/**
 * Returns the header fields and cookies with which every `set-cookie` field of a response reaches the client.
 *
 * On the proxy path each field stays as the guest wrote it, and so does a single field. Otherwise several fields become
 * cookies of `@azure/functions`. It cannot express all of them: the log names those, and they are dropped rather than
 * changed.
 */
export function sendableCookies(
  headers: Headers,
  response: ServerResponse | undefined,
  log: Log,
): { headers: Headers; cookies: Cookie[] } {
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
      log('warning', `${error.message}, so it is not sent; with HTTP streaming every cookie is sent`);
      return [];
    }
  });
  return { headers: headers.filter((header) => !isCookie(header)), cookies };
}

function isCookie([name]: readonly [string, string]): boolean {
  return name.length === SET_COOKIE.length && name.toLowerCase() === SET_COOKIE;
}

/** Makes a response keep every `set-cookie` field, not only the last. */
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
  if (value === undefined)
    throw new CannotBeSent('one of several set-cookie fields does not begin with NAME=VALUE');
  if (!TOKEN.test(name)) throw new CannotBeSent(`the cookie ${name}, one of several, has no valid name`);
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
  else if (known === 'expires' && isHttpDate(value)) cookie.expires = new Date(value);
  else if (known === 'samesite') cookie.sameSite = sameSite(cookie.name, value);
  else
    throw new CannotBeSent(
      `the cookie ${cookie.name}, one of several, has the attribute ${name}, which @azure/functions cannot send`,
    );
}

/** Whether browsers and JavaScript read a text as the same time. For JavaScript, `0` is the year 2000. */
function isHttpDate(text: string): boolean {
  return text.endsWith(' GMT') && !Number.isNaN(Date.parse(text));
}

function sameSite(cookie: string, value: string): (typeof SAME_SITE)[number] {
  const found = SAME_SITE.find((known) => known.toLowerCase() === value.toLowerCase());
  if (found === undefined)
    throw new CannotBeSent(`the cookie ${cookie}, one of several, has an unknown SameSite`);
  return found;
}

/** Decodes a value. The platform's host encodes it again, so that the client receives what the guest wrote. */
function decodeValue(name: string, value: string): string {
  let decoded: string | undefined;
  try {
    decoded = decodeURIComponent(value);
  } catch {
    // Not percent-encoded: rejected below.
  }
  if (decoded !== undefined && percentEncoded(decoded) === value) return decoded;
  throw new CannotBeSent(
    `the cookie ${name}, one of several, has a value that is not percent-encoded, which the host would change`,
  );
}

/** Encodes all characters but letters, digits and `-._~`, as RFC 3986 says. */
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
