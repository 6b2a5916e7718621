// Several set-cookie fields, in the words of @azure/functions, which keeps only the last such header of a response.

import type { Cookie } from '@azure/functions';
import type { Headers } from './responseHead';

const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
const DOMAIN = /^\.?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;
const PATH = /^[\u0020-\u003a\u003d-\u007e]+$/;
const SAME_SITE = ['Strict', 'Lax', 'None'] as const;

/**
 * Takes the cookies out of a response's headers where there are several; a single one stays as the guest wrote it.
 *
 * @throws Error where one of several cannot be sent as it is: better a call that fails than a cookie that is another
 */
export function splitCookies(headers: Headers): { headers: Headers; cookies: Cookie[] } {
  const isCookie = ([name]: [string, string]) => name.toLowerCase() === 'set-cookie';
  const fields = headers.filter(isCookie);
  if (fields.length < 2) return { headers, cookies: [] };
  return {
    headers: headers.filter((header) => !isCookie(header)),
    cookies: fields.map(([, value]) => parseCookie(value)),
  };
}

function parseCookie(field: string): Cookie {
  const [pair = '', ...attributes] = field.split(';').map((part) => part.trim());
  const [name, value] = cut(pair);
  if (value === undefined || !NAME.test(name)) throw new Error('a set-cookie field has no NAME=VALUE');
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
    throw new Error(
      `the cookie ${cookie.name}, one of several, has an attribute ${name} that cannot be sent`,
    );
}

function sameSite(cookie: string, value: string): (typeof SAME_SITE)[number] {
  const found = SAME_SITE.find((known) => known.toLowerCase() === value.toLowerCase());
  if (found === undefined) throw new Error(`the cookie ${cookie} has an unknown SameSite`);
  return found;
}

/** The value whose percent-encoding, which @azure/functions applies, is the one that the guest gave. */
function decodeValue(name: string, value: string): string {
  let decoded: string | undefined;
  try {
    decoded = decodeURIComponent(value);
  } catch {
    // No percent-encoding: refused below.
  }
  if (decoded !== undefined && encodeURIComponent(decoded) === value) return decoded;
  throw new Error(`the cookie ${name}, one of several, has a value that is not percent-encoded`);
}

function cut(text: string): [string, string | undefined] {
  const at = text.indexOf('=');
  return at < 0 ? [text, undefined] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}
