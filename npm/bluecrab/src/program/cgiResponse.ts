// Reads the response that a program writes as a CGI script does (RFC 3875, section 6).

import { type GuestResponse, type Headers, isGuestField, MAX_FIELDS, MAX_HEAD_BYTES, TOKEN } from '../guest';

/** The names of which a CGI response has at least one. */
const CGI_FIELDS = ['content-type', 'status', 'location'];
const TEXT = 'text/plain; charset=utf-8';

/** A line of the head, with Latin-1 without control characters, except the tab, as the value. */
const FIELD = /^([^:]+):[\t ]*([\t\u0020-\u007e\u0080-\u00ff]*)$/;
const STATUS = /^([2-5]\d\d)(?: |$)/;

/**
 * Makes a response of a program's output: a CGI response if the output begins with header fields, among them
 * `Content-Type`, `Status` or `Location`, and an empty line. Any other output is the body of a response with status 200
 * and the type `text/plain`.
 *
 * @throws Error if the head of a CGI response is wrong or too long
 */
export function cgiResponse(output: Uint8Array<ArrayBuffer>): GuestResponse {
  const head = readHead(output);
  if (head === undefined) return { status: 200, headers: [['content-type', TEXT]], body: output };
  const { fields, body } = head;
  const value = (wanted: string) => fields.find(([name]) => name.toLowerCase() === wanted)?.[1];
  const headers = fields.filter(([name]) => name.toLowerCase() !== 'status' && isGuestField(name));
  if (body.length > 0 && value('content-type') === undefined) headers.push(['content-type', TEXT]);
  return { status: statusOf(value('status'), value('location')), headers, body };
}

function statusOf(status: string | undefined, location: string | undefined): number {
  if (status === undefined) return location === undefined ? 200 : 302;
  const [, code] = STATUS.exec(status) ?? [];
  if (code !== undefined) return Number(code);
  throw new Error(
    `the Status of its CGI response is ${JSON.stringify(status)}, not a number from 200 to 599`,
  );
}

/** Returns nothing if the output does not begin with the head of a CGI response. */
function readHead(
  output: Uint8Array<ArrayBuffer>,
): { fields: [string, string][]; body: Uint8Array<ArrayBuffer> } | undefined {
  const start = Buffer.from(output.buffer, output.byteOffset, Math.min(output.length, MAX_HEAD_BYTES));
  const fields: Headers[number][] = [];
  const isCgi = () => fields.some(([name]) => CGI_FIELDS.includes(name.toLowerCase()));
  for (let at = 0; ; ) {
    const end = start.indexOf('\n', at);
    if (end < 0) break;
    const line = start.toString('latin1', at, end).replace(/\r$/, '');
    at = end + 1;
    if (line === '') return isCgi() ? { fields, body: output.subarray(at) } : undefined;
    const [, name = '', value = ''] = FIELD.exec(line) ?? [];
    if (!TOKEN.test(name)) return undefined;
    if (fields.length === MAX_FIELDS) break;
    fields.push([name, value.trimEnd()]);
  }
  const isCutOff = output.length > start.length || fields.length === MAX_FIELDS;
  if (isCutOff && isCgi())
    throw new Error(
      `the head of its CGI response has more than ${MAX_HEAD_BYTES} bytes or ${MAX_FIELDS} fields`,
    );
  return undefined;
}
